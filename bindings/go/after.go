//go:build go1.21

package wasmaot

import "context"

// afterFunc calls a function when the context ends, unless `stop` is called before and returns true.
func afterFunc(ctx context.Context, do func()) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, do)
}
