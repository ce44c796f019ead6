//go:build !go1.21

package wasmaot

import (
	"context"
	"sync"
)

// afterFunc calls a function when the context ends, unless `stop` is called before and returns true.
func afterFunc(ctx context.Context, do func()) (stop func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	var once sync.Once
	stopped := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			once.Do(func() { go do() })
		case <-stopped:
		}
	}()
	return func() (first bool) {
		once.Do(func() {
			first = true
			close(stopped)
		})
		return first
	}
}
