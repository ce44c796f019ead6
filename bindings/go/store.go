package wasmaot

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Store is where the objects of one guest are, or of several that use each other's. For one goroutine at a time.
type Store struct {
	guard C.wasmaot_go_guard
	raw   *C.wasm_store_t

	// What follows is for who has entered.
	handles map[*handle]struct{}
	streams []*os.File // what programs have as standard streams

	mutex   sync.Mutex // of what the threads of a program use
	pending *pending
}

// pending is what a host function gave, on its way past the frames of C: the first, as it is what ends a program.
type pending struct {
	err      error
	panicked bool
	value    any
}

// handle is an object of a store.
type handle struct {
	store  *Store
	raw    unsafe.Pointer // nil: closed
	delete func(raw unsafe.Pointer)
}

// NewStore fails when the system refuses signal handlers or memory.
func NewStore(engine *Engine) (*Store, error) {
	var store *Store
	err := engine.use(func(raw unsafe.Pointer) error {
		made := C.wasm_store_new((*C.wasm_engine_t)(raw))
		if made == nil {
			return lastError()
		}
		store = &Store{raw: made, handles: map[*handle]struct{}{}}
		return nil
	})
	return store, err
}

func entered(result C.int) error {
	switch result {
	case C.WASMAOT_GO_BUSY:
		return ErrBusy
	case C.WASMAOT_GO_CLOSED:
		return ErrClosed
	}
	return nil
}

// enter does something with the store, on one thread from begin to end.
func (s *Store) enter(do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := entered(C.wasmaot_go_enter(&s.guard)); err != nil {
		return err
	}
	defer C.wasmaot_go_leave(&s.guard)
	return do()
}

// Close ends the store and everything in it. Not inside of one of its calls: that is ErrBusy.
func (s *Store) Close() error {
	return s.enter(func() error {
		if s.guard.depth > 1 {
			return ErrBusy
		}
		for h := range s.handles {
			h.end()
		}
		C.wasm_store_delete(s.raw)
		s.guard.closed = 1
		for _, file := range s.streams {
			_ = file.Close()
		}
		return nil
	})
}

// keep makes a handle of what the library made, or says why it did not. By who has entered.
func (s *Store) keep(raw unsafe.Pointer, deleter func(unsafe.Pointer)) (handle, error) {
	if raw == nil {
		return handle{}, lastError()
	}
	return handle{s, raw, deleter}, nil
}

// closed is for who has entered.
func (h *handle) closed() bool {
	return h.raw == nil
}

// register has the store close it. At its final place.
func (h *handle) register() {
	h.store.handles[h] = struct{}{}
}

// end closes it, by who has entered.
func (h *handle) end() {
	if h.raw != nil {
		delete(h.store.handles, h)
		h.delete(h.raw)
		h.raw = nil
	}
}

// of is the pointer for who has entered a store, which has to be the handle's.
func (h *handle) of(s *Store) (unsafe.Pointer, error) {
	switch {
	case h.store != s:
		return nil, usage("an object of another store")
	case h.raw == nil:
		return nil, ErrClosed
	}
	return h.raw, nil
}

// Close lets it go before its store is closed: it ends when nothing else uses it.
func (h *handle) Close() error {
	return h.store.enter(func() error {
		if h.raw == nil {
			return ErrClosed
		}
		h.end()
		return nil
	})
}

// ---- What host functions gave ----

func (s *Store) leave(p *pending) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.pending == nil {
		s.pending = p
	}
}

// finish is the outcome of a call or run, in which a host function may have left something; `cause` is why its context
// ended. The trap is taken over.
func (s *Store) finish(trap *C.wasm_trap_t, cause error) error {
	s.mutex.Lock()
	left := s.pending
	s.pending = nil
	s.mutex.Unlock()
	var err error
	if trap != nil {
		taken := takeTrap(trap)
		err = taken
		// Anything else ended the call before the error could.
		if left != nil && taken.Code == HostTrap {
			err = left.err
		}
	}
	if left != nil && left.panicked {
		panic(left.value)
	}
	// Also when it was a call inside of this one that the interrupt found.
	if taken, is := err.(*Trap); is && taken.Code == Interrupted && taken.cause == nil && cause != nil {
		interrupted := *taken
		interrupted.cause = cause
		err = &interrupted
	}
	return err
}

// ---- Contexts ----

// call does something that runs guests of the store, and ends it with the context; the trap is what it ended with. By
// who has entered.
func (s *Store) call(ctx context.Context, do func() (*C.wasm_trap_t, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	returned, interrupted := make(chan struct{}), make(chan struct{})
	stop := afterFunc(ctx, func() {
		s.interrupt(returned)
		close(interrupted)
	})
	trap, err := do()
	close(returned)
	if !stop() {
		<-interrupted
		// A call around this one that is to end, too, is interrupted again.
		C.wasmaot_store_resume(s.raw)
	}
	if err != nil {
		return err
	}
	return s.finish(trap, ctx.Err())
}

// interrupt ends the calls in progress, until one has returned.
func (s *Store) interrupt(returned <-chan struct{}) {
	// Again and again: a call inside of this one may have its own end, after which the store goes on.
	for !bool(C.wasmaot_store_interrupt(s.raw, 0)) {
		select {
		case <-returned:
			return
		case <-time.After(time.Millisecond):
		}
	}
}
