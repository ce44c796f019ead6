package wasmaot

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// Func is a function of a guest or of the host. One whose type has references can be passed on, not called.
type Func struct {
	handle
	of    FuncType
	cells int
}

func (s *Store) newFunc(raw *C.wasm_func_t, of FuncType) (*Func, error) {
	h, err := s.keep(unsafe.Pointer(raw), func(raw unsafe.Pointer) {
		C.wasm_extern_delete(C.wasm_func_as_extern((*C.wasm_func_t)(raw)))
	})
	if err != nil {
		return nil, err
	}
	f := &Func{h, of, of.cells()}
	f.register()
	return f, nil
}

// Type is what it takes and gives.
func (f *Func) Type() FuncType {
	return f.of
}

// cellsOf holds the arguments of a call, and has room for its results.
func (f *Func) cellsOf(args []any) ([]uint64, error) {
	if err := f.of.checkNumbers(); err != nil {
		return nil, err
	}
	cells := make([]uint64, f.cells+1) // never nothing, so that it has an address
	return cells, putAll(cells, f.of.Params, args)
}

// Call passes int32, uint32 or int for i32, int64, uint64 or int for i64, float32, float64 and [16]byte for v128; it
// gives int32, int64, float32, float64 and [16]byte. See [Result]. The error is a [*Trap], or what a host function
// gave; what a host function panicked with goes on here.
func (f *Func) Call(ctx context.Context, args ...any) ([]any, error) {
	return f.with(args, func(function *C.wasm_func_t, cells *C.uint64_t) error {
		return f.store.call(ctx, func() (*C.wasm_trap_t, error) {
			return C.wasmaot_go_call(function, cells, C.size_t(f.cells)), nil
		})
	})
}

// with puts arguments into cells for `call`, and takes the results from there.
func (f *Func) with(args []any, call func(function *C.wasm_func_t, cells *C.uint64_t) error) ([]any, error) {
	cells, err := f.cellsOf(args)
	if err != nil {
		return nil, err
	}
	err = f.store.enter(func() error {
		raw, err := f.handle.of(f.store)
		if err != nil {
			return err
		}
		return call((*C.wasm_func_t)(raw), (*C.uint64_t)(&cells[0]))
	})
	if err != nil {
		return nil, err
	}
	return takeAll(cells, f.of.Results), nil
}

// ---- Functions of the host ----

// hostFunc is what a function of the library's keeps of Go's, until it ends.
type hostFunc struct {
	store    *Store
	of       FuncType
	function func(caller *Caller, args []any) ([]any, error)
}

// NewFuncOfType makes a function of the host whose type is known when the program runs; it gets and gives what
// [Func.Call] gives and gets.
func NewFuncOfType(store *Store, of FuncType, function func(caller *Caller, args []any) ([]any, error)) (*Func, error) {
	var made *Func
	err := store.enter(func() error {
		found, err := newFuncType(of)
		if err != nil {
			return err
		}
		defer C.wasm_functype_delete(found)
		host := cgo.NewHandle(&hostFunc{store, of, function})
		// It takes the handle over also when it fails.
		made, err = store.newFunc(C.wasmaot_go_func_new(store.raw, found, C.uintptr_t(host)), of)
		return err
	})
	return made, err
}

// NewFunc makes a function of the host of a function of Go's, whose type it has: of int32, uint32, int64, uint64,
// float32, float64 and [16]byte. The first parameter may be a [*Caller] besides, the last result an error.
//
// An error ends the guest's calls, which cannot catch it, and is the error of the call that Go made; a panic goes on
// there, too. It must not end its goroutine (runtime.Goexit, t.FailNow). The threads of a program call it at once.
func NewFunc(store *Store, function any) (*Func, error) {
	of, call, err := wrap(function)
	if err != nil {
		return nil, err
	}
	return NewFuncOfType(store, of, call)
}

var (
	callerType = reflect.TypeOf((*Caller)(nil))
	errorType  = reflect.TypeOf((*error)(nil)).Elem()
	valTypes   = map[reflect.Type]ValType{
		reflect.TypeOf(int32(0)):   I32,
		reflect.TypeOf(uint32(0)):  I32,
		reflect.TypeOf(int64(0)):   I64,
		reflect.TypeOf(uint64(0)):  I64,
		reflect.TypeOf(float32(0)): F32,
		reflect.TypeOf(float64(0)): F64,
		reflect.TypeOf([16]byte{}): V128,
	}
)

func wrap(function any) (FuncType, func(*Caller, []any) ([]any, error), error) {
	value, of := reflect.ValueOf(function), FuncType{}
	if value.Kind() != reflect.Func || value.IsNil() || value.Type().IsVariadic() {
		return of, nil, usage("a host function has to be a function, not %T", function)
	}
	found := value.Type()
	withCaller := found.NumIn() > 0 && found.In(0) == callerType
	withError := found.NumOut() > 0 && found.Out(found.NumOut()-1) == errorType
	var params []reflect.Type
	for i := 0; i < found.NumIn(); i++ {
		if i > 0 || !withCaller {
			params = append(params, found.In(i))
		}
	}
	var results []reflect.Type
	for i := 0; i < found.NumOut(); i++ {
		if i < found.NumOut()-1 || !withError {
			results = append(results, found.Out(i))
		}
	}
	for types, to := range map[*[]reflect.Type]*[]ValType{&params: &of.Params, &results: &of.Results} {
		for _, one := range *types {
			known, is := valTypes[one]
			if !is {
				return of, nil, usage("a host function with %v, which is no type of WebAssembly", one)
			}
			*to = append(*to, known)
		}
	}
	call := func(caller *Caller, args []any) ([]any, error) {
		var in []reflect.Value
		if withCaller {
			in = append(in, reflect.ValueOf(caller))
		}
		for i, arg := range args {
			in = append(in, reflect.ValueOf(arg).Convert(params[i]))
		}
		out := value.Call(in)
		gives := make([]any, len(results))
		for i := range results {
			gives[i] = out[i].Interface()
		}
		if withError {
			err, _ := out[len(results)].Interface().(error)
			return gives, err
		}
		return gives, nil
	}
	return of, call, nil
}

//export wasmaotGoCall
func wasmaotGoCall(env C.uintptr_t, caller unsafe.Pointer, cells *C.wasmaot_cell_t) *C.wasm_trap_t {
	host := cgo.Handle(env).Value().(*hostFunc)
	own := unsafe.Slice((*uint64)(unsafe.Pointer(cells)), host.of.cells())
	return host.call(&Caller{store: host.store, raw: caller}, own)
}

func (h *hostFunc) call(caller *Caller, cells []uint64) (trap *C.wasm_trap_t) {
	returned := false
	defer func() {
		caller.end()
		if returned {
			return
		}
		value := recover()
		if value == nil {
			// C's frames would be left as they are, with the store in a call for ever.
			fmt.Fprintln(os.Stderr, "wasmaot: a host function ended its goroutine (runtime.Goexit)")
			os.Exit(2)
		}
		h.store.leave(&pending{panicked: true, value: value})
		trap = newTrap(usage("a host function panicked"))
	}()
	results, err := h.function(caller, takeAll(cells, h.of.Params))
	if err == nil {
		err = putAll(cells, h.of.Results, results)
	}
	if err != nil {
		trap = newTrap(err) // asks the error for its text, which may panic, too
		h.store.leave(&pending{err: err})
	}
	returned = true
	return trap
}

//export wasmaotGoEnd
func wasmaotGoEnd(env C.uintptr_t) {
	cgo.Handle(env).Delete()
}

// Caller is the guest that called a host function, during that call; for any goroutine.
type Caller struct {
	store *Store
	mutex sync.RWMutex
	raw   unsafe.Pointer // nil: the call is over
	// What it exported, which is closed with it.
	exports []Extern
}

func (c *Caller) end() {
	c.mutex.Lock()
	c.raw = nil
	c.mutex.Unlock()
	for _, export := range c.exports {
		_ = export.Close()
	}
}

// Export is an export of the guest, until the host function returns; nil when there is none of the name. [ErrBusy] in
// programs, whose threads share the store.
func (c *Caller) Export(name string) (Extern, error) {
	var found Extern
	err := c.store.enter(func() error {
		c.mutex.RLock()
		defer c.mutex.RUnlock()
		if c.raw == nil {
			return ErrClosed
		}
		var of texts
		defer of.free()
		text, err := of.add(name)
		if err != nil {
			return err
		}
		raw := C.wasmaot_caller_export((*C.wasmaot_caller_t)(c.raw), c.store.raw, text)
		if raw == nil {
			return nil
		}
		found, err = c.store.newExtern(raw)
		if err == nil {
			c.exports = append(c.exports, found)
		}
		return err
	})
	return found, err
}

// memory does something with the guest's first memory.
func (c *Caller) memory(do func(data *C.uint8_t, size C.size_t) (int, error)) (int, error) {
	c.mutex.RLock()
	defer c.mutex.RUnlock()
	if c.raw == nil {
		return 0, ErrClosed
	}
	var data *C.uint8_t
	var size C.size_t
	if !C.wasmaot_caller_memory((*C.wasmaot_caller_t)(c.raw), &data, &size) {
		return 0, usage("the caller of this host function has no memory")
	}
	return do(data, size)
}

// MemorySize is the bytes of the guest's first memory at this moment: 0 when it has none.
func (c *Caller) MemorySize() uint64 {
	found, _ := c.memory(func(_ *C.uint8_t, size C.size_t) (int, error) { return int(size), nil })
	return uint64(found)
}

// ReadAt copies out of the guest's first memory, as [io.ReaderAt] says.
func (c *Caller) ReadAt(to []byte, offset int64) (int, error) {
	return c.memory(func(data *C.uint8_t, size C.size_t) (int, error) { return readAt(data, size, to, offset) })
}

// WriteAt copies into the guest's first memory, or nothing where that ends before.
func (c *Caller) WriteAt(from []byte, offset int64) (int, error) {
	return c.memory(func(data *C.uint8_t, size C.size_t) (int, error) { return writeAt(data, size, from, offset) })
}
