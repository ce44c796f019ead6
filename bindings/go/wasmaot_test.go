package wasmaot_test

// WASMAOT_TEST_MODULES (what tests/hosts has in the text format) and WASMAOT_TEST_GUESTS (programs of WASI) name the
// folders that they are in, as ctest does.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasmaot"
)

var background = context.Background()

// must is for what cannot fail; a panic shows where.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(t *testing.T, ok bool, format string, values ...any) {
	t.Helper()
	if !ok {
		t.Fatalf(format, values...)
	}
}

func file(variable, name string) []byte {
	return must(os.ReadFile(filepath.Join(os.Getenv(variable), name+".wasm")))
}

func newEngine(t *testing.T) *wasmaot.Engine {
	engine := must(wasmaot.NewEngine(&wasmaot.Config{Optimization: wasmaot.O1}))
	t.Cleanup(func() { _ = engine.Close() })
	return engine
}

func newModule(t *testing.T, engine *wasmaot.Engine, name string) *wasmaot.Module {
	module := must(wasmaot.NewModule(engine, file("WASMAOT_TEST_MODULES", name)))
	t.Cleanup(func() { _ = module.Close() })
	return module
}

// host is host.wasm with its import.
type host struct {
	store    *wasmaot.Store
	instance *wasmaot.Instance
}

func instantiate(store *wasmaot.Store, module *wasmaot.Module, back any) (*wasmaot.Instance, error) {
	linker := must(wasmaot.NewLinker(store))
	defer linker.Close()
	if err := linker.DefineFunc("host", "back", back); err != nil {
		return nil, err
	}
	return linker.Instantiate(background, module)
}

func newHost(t *testing.T, back any) host {
	engine := newEngine(t)
	store := must(wasmaot.NewStore(engine))
	t.Cleanup(func() { _ = store.Close() })
	return host{store, must(instantiate(store, newModule(t, engine, "host"), back))}
}

func same(argument int32) int32 {
	return argument
}

func (h host) call(name string, args ...any) (int32, error) {
	return wasmaot.Result[int32](h.instance.Call(background, name, args...))
}

func (h host) stop() error {
	_, err := h.instance.Call(background, "stop")
	return err
}

func isKind(err error, kind wasmaot.ErrorKind) bool {
	var found *wasmaot.Error
	return errors.As(err, &found) && found.Kind == kind
}

func isTrap(err error, code wasmaot.TrapCode) bool {
	var trap *wasmaot.Trap
	return errors.As(err, &trap) && trap.Code == code
}

// panicked is what a function panicked with.
func panicked(do func()) (value any) {
	defer func() { value = recover() }()
	do()
	return nil
}

// ---- Calls ----

func TestCalls(t *testing.T) {
	h := newHost(t, same)
	sum, err := h.call("add", 40, int32(2))
	check(t, err == nil && sum == 42, "add: %v, %v", sum, err)
	unsigned, err := wasmaot.Result[uint32](h.instance.Call(background, "add", uint32(1<<32-1), 0))
	check(t, err == nil && unsigned == 1<<32-1, "add: %v, %v", unsigned, err)
	for _, bad := range [][]any{{1}, {1, 2, 3}, {1, 2.5}, {1 << 32, 1}, {int64(1), 1}, {1, nil}} {
		_, err := h.call("add", bad...)
		check(t, isKind(err, wasmaot.Usage), "add(%v): %v", bad, err)
	}
	_, err = wasmaot.Result[int64](h.instance.Call(background, "add", 1, 2))
	check(t, isKind(err, wasmaot.Usage), "another type: %v", err)
	called, err := h.call("call", 5)
	check(t, err == nil && called == 1005, "call: %v, %v", called, err)
	for _, name := range []string{"nothing", "memory", "a\x00dd", ""} {
		_, err = h.instance.Func(name)
		check(t, isKind(err, wasmaot.Usage), "%q: %v", name, err)
	}
	add := must(h.instance.Func("add"))
	check(t, add.Type().String() == "(i32, i32) -> (i32)", "%v", add.Type())
}

func TestValues(t *testing.T) {
	engine := newEngine(t)
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	check(t, linker.DefineFunc("host", "swap", func(a int64, b float64) (float64, uint64) {
		return b, uint64(a)
	}) == nil, "swap")
	of := wasmaot.FuncType{
		Params:  []wasmaot.ValType{wasmaot.V128, wasmaot.I32},
		Results: []wasmaot.ValType{wasmaot.V128},
	}
	var give []any
	wide := must(wasmaot.NewFuncOfType(store, of, func(_ *wasmaot.Caller, args []any) ([]any, error) {
		if give != nil {
			return give, nil
		}
		vector := args[0].([16]byte)
		vector[args[1].(int32)]++
		return []any{vector}, nil
	}))
	check(t, linker.Define("host", "wide", wide) == nil, "wide")
	instance := must(linker.Instantiate(background, newModule(t, engine, "values")))

	swapped, err := instance.Call(background, "swap", -1<<63, -0.5)
	check(t, err == nil && reflect.DeepEqual(swapped, []any{-0.5, int64(-1 << 63)}), "%v, %v", swapped, err)
	vector := [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	widened, err := wasmaot.Result[[16]byte](instance.Call(background, "wide", vector, 15))
	check(t, err == nil && widened[0] == 1 && widened[15] == 17, "%v, %v", widened, err)
	args := []any{int32(-1), vector, int64(-2), float32(1.5), 2.5}
	turned, err := instance.Call(background, "turn", args...)
	for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
		turned[i], turned[j] = turned[j], turned[i]
	}
	check(t, err == nil && reflect.DeepEqual(turned, args), "%v, %v", turned, err)
	for _, give = range [][]any{{int32(1)}, {}, {vector, vector}} {
		_, err = instance.Call(background, "wide", vector, 0)
		check(t, isKind(err, wasmaot.Usage), "%v: %v", give, err)
	}
	_, err = instance.Call(background, "reference", 1)
	check(t, isKind(err, wasmaot.Usage), "%v", err)
	for _, bad := range []any{nil, 1, (func())(nil), func(string) {}, func() int { return 1 }, func(...int32) {}} {
		_, err = wasmaot.NewFunc(store, bad)
		check(t, isKind(err, wasmaot.Usage), "%T: %v", bad, err)
	}
}

func TestGlobals(t *testing.T) {
	engine := newEngine(t)
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	check(t, linker.TrapUnknown(true) == nil, "trap unknown")
	instance := must(linker.Instantiate(background, newModule(t, engine, "values")))
	count := must(instance.Global("count"))
	check(t, count.Mutable() && count.Type() == wasmaot.I64, "%v", count.Type())
	check(t, count.Set(int64(1<<62)) == nil, "set")
	must(instance.Call(background, "bump"))
	check(t, must(count.Get()) == int64(1<<62+1), "%v", must(count.Get()))
	check(t, isKind(count.Set(int32(1)), wasmaot.Usage), "another type")
	fixed := must(instance.Global("fixed"))
	check(t, must(fixed.Get()) == float32(1.5) && isKind(fixed.Set(float32(1)), wasmaot.Usage), "fixed")
	_, err := must(instance.Global("vector")).Get()
	check(t, isKind(err, wasmaot.Usage), "%v", err)
	check(t, must(must(wasmaot.NewGlobal(store, 0.25, true)).Get()) == 0.25, "own")
	for _, bad := range []any{1, "text", [16]byte{}} {
		_, err = wasmaot.NewGlobal(store, bad, true)
		check(t, isKind(err, wasmaot.Usage), "%T: %v", bad, err)
	}
	_, is := must(instance.Export("table")).(*wasmaot.Other)
	check(t, is, "the table")
	_, err = instance.Call(background, "swap", int64(1), 1.0)
	check(t, isTrap(err, wasmaot.HostTrap), "%v", err)
}

func TestTraps(t *testing.T) {
	h := newHost(t, same)
	for i := 0; i < 100; i++ {
		_, err := h.call("div", 1, 0)
		check(t, isTrap(err, wasmaot.IntegerDivideByZero), "%v", err)
		_, err = h.call("load", 70000000)
		check(t, isTrap(err, wasmaot.MemoryOutOfBounds), "%v", err)
	}
	_, err := h.call("sink", 0)
	var trap *wasmaot.Trap
	check(t, errors.As(err, &trap) && trap.Code == wasmaot.StackExhausted, "%v", err)
	check(t, trap.Frames[0].Function == "sink" && len(trap.Frames) > 10 && trap.FramesDropped > 10, "%v", trap.Frames)
	check(t, !trap.Exited && strings.Contains(err.Error(), "stack"), "%v", err)
	check(t, strings.HasPrefix(trap.Frames[0].String(), "sink in "), "%v", trap.Frames[0])
}

type untellable struct{}

func (untellable) Error() string { panic("untellable") }

var errMine = errors.New("mine")

func TestHostFunctionsThatFail(t *testing.T) {
	h := newHost(t, func(argument int32) (int32, error) {
		switch argument {
		case 1:
			return 0, fmt.Errorf("wrapped: %w", errMine)
		case 2:
			return 0, wasmaot.Exit(7)
		case 3:
			panic(errMine)
		case 4:
			var nowhere *int32
			return *nowhere, nil
		case 5:
			return 0, untellable{}
		}
		return argument, nil
	})
	// A guest cannot catch any of them.
	for _, name := range []string{"call", "guarded"} {
		_, err := h.call(name, 1)
		check(t, errors.Is(err, errMine) && err.Error() == "wrapped: mine", "%v", err)
		_, err = h.call(name, 2)
		var trap *wasmaot.Trap
		check(t, errors.As(err, &trap) && trap.Exited && trap.ExitStatus == 7, "%v", err)
		value := panicked(func() { _, _ = h.call(name, 3) })
		check(t, value == errMine, "%v", value)
		_, is := panicked(func() { _, _ = h.call(name, 4) }).(runtime.Error)
		check(t, is, "a fault of Go's own")
		value = panicked(func() { _, _ = h.call(name, 5) })
		check(t, value == "untellable", "%v", value)
		// Nothing of it is left.
		value32, err := h.call(name, 6)
		check(t, err == nil && value32%1000 == 6, "%v, %v", value32, err)
		check(t, isTrap(h.stop(), wasmaot.Unreachable), "stop")
	}
}

func TestStartFunctionThatFails(t *testing.T) {
	engine := newEngine(t)
	begin := newModule(t, engine, "begin")
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	_, err := instantiate(store, begin, func(argument int32) (int32, error) { return argument, errMine })
	check(t, err == errMine, "%v", err)
	value := panicked(func() {
		_, _ = instantiate(store, begin, func(argument int32) int32 { panic(argument) })
	})
	check(t, value == int32(9), "%v", value)
	must(instantiate(store, begin, same))
}

// Guests in guests: values, traps, errors and panics pass all of them.
func TestNested(t *testing.T) {
	var h host
	h = newHost(t, func(caller *wasmaot.Caller, depth int32) (int32, error) {
		if err := h.stop(); !isTrap(err, wasmaot.Unreachable) {
			return 0, fmt.Errorf("stop: %w", err)
		}
		switch depth {
		case 0:
			return 0, nil
		case -1:
			return 0, errMine
		case -2:
			panic("deep")
		case -3:
			return 0, h.stop()
		}
		next := depth - 1
		if depth%10 == 0 {
			next = -depth / 10
		}
		call, err := caller.Export("call")
		if err != nil {
			return 0, err
		}
		return wasmaot.Result[int32](call.(*wasmaot.Func).Call(background, next))
	})
	value, err := h.call("call", 5)
	check(t, err == nil && value == 6000, "%v, %v", value, err)
	_, err = h.call("call", 12)
	check(t, err == errMine, "%v", err)
	deep := panicked(func() { _, _ = h.call("call", 22) })
	check(t, deep == "deep", "%v", deep)
	_, err = h.call("call", 32)
	check(t, isTrap(err, wasmaot.Unreachable), "%v", err)
	value, err = h.call("call", 5)
	check(t, err == nil && value == 6000, "%v, %v", value, err)
}

// ---- Stores ----

// Another goroutine does not get the store, a host function's goroutine does; and what is closed stays so.
func TestWhoHasTheStore(t *testing.T) {
	inside, leave := make(chan *wasmaot.Caller), make(chan bool)
	h := newHost(t, func(caller *wasmaot.Caller, argument int32) int32 {
		inside <- caller
		<-leave
		return argument
	})
	memory := must(h.instance.Memory("memory"))
	returned := make(chan error)
	go func() {
		_, err := h.call("call", 1)
		returned <- err
	}()
	caller := <-inside
	// The caller's memory is for all goroutines, its exports are not.
	_, err := caller.WriteAt([]byte{42}, 100)
	check(t, err == nil && caller.MemorySize() == 65536, "%v", err)
	_, err = caller.Export("add")
	for i, busy := range []error{err, h.stop(), h.store.Close(), h.instance.Close(), memory.Close()} {
		check(t, busy == wasmaot.ErrBusy, "%d: %v", i, busy)
	}
	_, err = memory.Size()
	check(t, err == wasmaot.ErrBusy, "%v", err)
	leave <- true
	check(t, <-returned == nil, "the call")
	_, err = caller.ReadAt(make([]byte, 1), 100)
	check(t, err == wasmaot.ErrClosed, "%v", err)
	got := []byte{0}
	_, err = memory.ReadAt(got, 100)
	check(t, err == nil && got[0] == 42, "%v, %v", got, err)

	var inner host
	inner = newHost(t, func(argument int32) (int32, error) { return argument, inner.store.Close() })
	_, err = inner.call("call", 1)
	check(t, err == wasmaot.ErrBusy, "closed inside of a call: %v", err)

	check(t, h.instance.Close() == nil && h.instance.Close() == wasmaot.ErrClosed, "the instance")
	check(t, h.stop() == wasmaot.ErrClosed, "a call of a closed instance")
	check(t, h.store.Close() == nil && h.store.Close() == wasmaot.ErrClosed, "the store")
	check(t, memory.Close() == wasmaot.ErrClosed && h.stop() == wasmaot.ErrClosed, "what was in it")
	_, err = memory.ReadAt(got, 0)
	check(t, err == wasmaot.ErrClosed, "%v", err)
	canceled, cancel := context.WithCancel(background)
	defer cancel()
	_, err = h.instance.Call(canceled, "stop")
	check(t, err == wasmaot.ErrClosed, "%v", err)
}

func TestObjectsOfAnotherStore(t *testing.T) {
	one, other := newHost(t, same), newHost(t, same)
	linker := must(wasmaot.NewLinker(other.store))
	err := linker.Define("host", "back", must(one.instance.Func("add")))
	check(t, isKind(err, wasmaot.Usage), "%v", err)
	err = linker.DefineInstance("host", one.instance)
	check(t, isKind(err, wasmaot.Usage), "%v", err)
}

// Closing in any order, and again and again in one store.
func TestLives(t *testing.T) {
	engine := newEngine(t)
	module := must(wasmaot.NewModule(engine, file("WASMAOT_TEST_MODULES", "host")))
	store := must(wasmaot.NewStore(engine))
	check(t, engine.Close() == nil && engine.Close() == wasmaot.ErrClosed, "the engine")
	_, err := wasmaot.NewStore(engine)
	check(t, err == wasmaot.ErrClosed, "%v", err)
	for i := 0; i < 200; i++ {
		instance := must(instantiate(store, module, same))
		value, err := wasmaot.Result[int32](instance.Call(background, "call", i))
		check(t, err == nil && int(value) == 1000+i, "%v, %v", value, err)
		check(t, instance.Close() == nil, "closing")
	}
	instance := must(instantiate(store, module, same))
	check(t, module.Close() == nil, "the module")
	_, err = instantiate(store, module, same)
	check(t, err == wasmaot.ErrClosed, "%v", err)
	must(instance.Call(background, "call", 1))
	// A function that was closed can be got again.
	check(t, must(instance.Func("call")).Close() == nil, "closing")
	must(instance.Call(background, "call", 1))
	check(t, store.Close() == nil, "the store")
}

func TestGoroutines(t *testing.T) {
	engine := newEngine(t)
	module := newModule(t, engine, "host")
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			store := must(wasmaot.NewStore(engine))
			defer store.Close()
			instance := must(instantiate(store, module, func(argument int32) int32 {
				runtime.Gosched()
				if argument == 13 {
					panic(argument)
				}
				return argument + 1
			}))
			for i := 20; i < 120; i++ {
				value, err := wasmaot.Result[int32](instance.Call(background, "call", i))
				if err != nil || int(value) != 1001+i {
					t.Errorf("call: %v, %v", value, err)
				}
				if value := panicked(func() { _, _ = instance.Call(background, "call", 13) }); value != int32(13) {
					t.Errorf("panicked: %v", value)
				}
				if _, err := instance.Call(background, "stop"); !isTrap(err, wasmaot.Unreachable) {
					t.Errorf("stop: %v", err)
				}
			}
			runtime.GC()
		}()
	}
	all.Wait()
}

// ---- Contexts ----

func TestContexts(t *testing.T) {
	spinning := make(chan bool, 1)
	h := newHost(t, func(argument int32) int32 {
		spinning <- true
		return argument
	})
	canceled, cancel := context.WithCancel(background)
	go func() {
		<-spinning
		cancel()
	}()
	_, err := h.instance.Call(canceled, "spin")
	check(t, isTrap(err, wasmaot.Interrupted) && errors.Is(err, context.Canceled), "%v", err)
	_, err = h.instance.Call(canceled, "add", 1, 2)
	check(t, err == context.Canceled, "%v", err)
	// The store goes on with another context, also one that ends later.
	later, cancelLater := context.WithTimeout(background, time.Hour)
	sum, err := wasmaot.Result[int32](h.instance.Call(later, "add", 1, 2))
	check(t, err == nil && sum == 3, "%v, %v", sum, err)
	cancelLater()
	sum, err = h.call("add", 1, 2)
	check(t, err == nil && sum == 3, "%v, %v", sum, err)
	for i := 0; i < 20; i++ {
		soon, cancel := context.WithTimeout(background, time.Duration(i)*100*time.Microsecond)
		_, err = h.instance.Call(soon, "spin")
		check(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
		cancel()
		select {
		case <-spinning:
		default:
		}
	}
	sum, err = h.call("add", 1, 2)
	check(t, err == nil && sum == 3, "%v, %v", sum, err)
}

// The context of a call inside of another ends that one alone, that of the outer one both.
func TestNestedContexts(t *testing.T) {
	var h host
	outer, cancel := context.WithCancel(background)
	inner, innerErr := background, error(nil)
	h = newHost(t, func(argument int32) (int32, error) {
		switch argument {
		case -1: // spinning
			return 0, nil
		case 2:
			go cancel()
		}
		ctx, cancel := context.WithTimeout(inner, 20*time.Millisecond)
		if argument == 2 {
			ctx = background
		}
		defer cancel()
		_, innerErr = h.instance.Call(ctx, "spin")
		if argument == 2 {
			return 0, innerErr
		}
		return argument, nil
	})
	value, err := wasmaot.Result[int32](h.instance.Call(outer, "call", 1))
	check(t, errors.Is(innerErr, context.DeadlineExceeded), "%v", innerErr)
	check(t, err == nil && value == 1001, "%v, %v", value, err)
	_, err = h.instance.Call(outer, "call", 2)
	check(t, isTrap(innerErr, wasmaot.Interrupted), "%v", innerErr)
	check(t, isTrap(err, wasmaot.Interrupted) && errors.Is(err, context.Canceled), "%v", err)
	value, err = h.call("call", 1)
	check(t, err == nil && value == 1001, "%v, %v", value, err)
}

// ---- Memories ----

func TestMemories(t *testing.T) {
	h := newHost(t, func(caller *wasmaot.Caller, argument int32) (int32, error) {
		bytes := make([]byte, 4)
		if _, err := caller.ReadAt(bytes, int64(argument)); err != nil {
			return 0, err
		}
		value := binary.BigEndian.Uint32(bytes)
		binary.LittleEndian.PutUint32(bytes, value)
		_, err := caller.WriteAt(bytes, int64(argument))
		return int32(value), err
	})
	memory := must(h.instance.Memory("memory"))
	check(t, must(memory.Size()) == 65536, "%v", must(memory.Size()))
	must(memory.WriteAt([]byte{42, 0, 0, 1}, 65532))
	value, err := h.call("call", 65532)
	check(t, err == nil && value == 1000+1+42<<24, "%v, %v", value, err)
	_, err = h.call("call", 65533)
	check(t, err == io.EOF, "%v", err)
	got := make([]byte, 6)
	n, err := memory.ReadAt(got, 65531)
	check(t, n == 5 && err == io.EOF && bytes.Equal(got, []byte{0, 1, 0, 0, 42, 0}), "%v, %v, %v", n, err, got)
	for _, offset := range []int64{65533, 65537, 1 << 40, -1, -1 << 63, 1<<63 - 1} {
		_, err = memory.WriteAt(got[:4], offset)
		check(t, isKind(err, wasmaot.Usage), "%v: %v", offset, err)
		n, err = memory.ReadAt(got[:4], offset)
		check(t, err != nil && n <= 3, "%v: %v, %v", offset, n, err)
	}
	must(memory.WriteAt(nil, 65536))
	must(memory.ReadAt(nil, 65536))
	check(t, must(memory.Grow(3)) == 1, "grow")
	_, err = memory.Grow(1)
	check(t, isKind(err, wasmaot.Unsupported), "%v", err)
	must(memory.ReadAt(got, 4*65536-6))
	empty := must(wasmaot.NewMemory(h.store, 0, 1))
	n, err = empty.ReadAt(got, 0)
	check(t, n == 0 && err == io.EOF && must(empty.Grow(1)) == 0, "%v, %v", n, err)
	// Every length at every alignment, with what is around it.
	for offset := 0; offset < 16; offset++ {
		for length := 0; length < 32; length++ {
			around := bytes.Repeat([]byte{0xaa}, 64)
			must(empty.WriteAt(around, 0))
			copy(around[offset:], bytes.Repeat([]byte{byte(length)}, length))
			must(empty.WriteAt(around[offset:offset+length], int64(offset)))
			whole := make([]byte, 64)
			must(empty.ReadAt(whole, 0))
			part := make([]byte, length)
			must(empty.ReadAt(part, int64(offset)))
			check(t, bytes.Equal(whole, around) && bytes.Equal(part, around[offset:offset+length]), "%d at %d", length, offset)
		}
	}
}

func TestSharedMemories(t *testing.T) {
	engine := newEngine(t)
	module := newModule(t, engine, "shared")
	memory := must(wasmaot.NewSharedMemory(engine, 1, 4))
	instantiate := func() (*wasmaot.Store, *wasmaot.Instance) {
		store := must(wasmaot.NewStore(engine))
		linker := must(wasmaot.NewLinker(store))
		if err := linker.Define("env", "memory", must(memory.Obtain(store))); err != nil {
			panic(err)
		}
		return store, must(linker.Instantiate(background, module))
	}
	var all sync.WaitGroup
	for i := 0; i < 3; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			store, instance := instantiate()
			defer store.Close()
			for i := 0; i < 1000; i++ {
				must(instance.Call(background, "add", 8, int64(1)))
				must(memory.WriteAt(bytes.Repeat([]byte{1}, 11), 16))
			}
		}()
	}
	got := make([]byte, 19)
	for got[0] == 0 {
		must(memory.ReadAt(got, 8))
	}
	all.Wait()
	must(memory.ReadAt(got, 8))
	check(t, binary.LittleEndian.Uint64(got) == 3000 && bytes.Equal(got[8:], bytes.Repeat([]byte{1}, 11)), "%v", got)
	store, instance := instantiate()
	check(t, must(must(memory.Obtain(store)).Grow(3)) == 1 && must(memory.Size()) == 4*65536, "grow")
	// A wait that nobody ends.
	soon, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err := instance.Call(soon, "wait", 65536)
	check(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
	check(t, memory.Close() == nil && memory.Close() == wasmaot.ErrClosed, "closing")
	must(instance.Call(background, "add", 8, int64(1)))
	check(t, store.Close() == nil, "the store")
	_, err = memory.ReadAt(got, 0)
	check(t, err == wasmaot.ErrClosed, "%v", err)
}

// ---- Modules and limits ----

func TestArtifacts(t *testing.T) {
	engine := newEngine(t)
	artifact := must(newModule(t, engine, "host").Serialize())
	path := filepath.Join(t.TempDir(), "host.o")
	check(t, os.WriteFile(path, artifact, 0o600) == nil, "writing")
	for _, module := range []*wasmaot.Module{must(wasmaot.LoadModule(artifact)), must(wasmaot.LoadModuleFile(path))} {
		store := must(wasmaot.NewStore(engine))
		instance := must(instantiate(store, module, same))
		value, err := wasmaot.Result[int32](instance.Call(background, "call", 1))
		check(t, err == nil && value == 1001, "%v, %v", value, err)
		check(t, module.Close() == nil && store.Close() == nil, "closing")
	}
	for _, bad := range [][]byte{nil, []byte("nonsense"), artifact[:100]} {
		_, err := wasmaot.LoadModule(bad)
		check(t, err != nil, "loaded")
		_, err = wasmaot.NewModule(engine, bad)
		check(t, err != nil && wasmaot.Validate(bad) != nil, "compiled")
	}
	_, err := wasmaot.NewModule(engine, artifact)
	check(t, isKind(err, wasmaot.Malformed), "%v", err)
	_, err = wasmaot.NewModuleFromFile(engine, "/nowhere/at/all")
	check(t, errors.Is(err, os.ErrNotExist), "%v", err)
}

func TestDescriptions(t *testing.T) {
	engine := newEngine(t)
	module := newModule(t, engine, "host")
	back := must(module.Imports())[0]
	check(t, back.Module == "host" && back.Name == "back" && back.Type.String() == "(i32) -> (i32)", "%v", back)
	memory := must(module.Exports())[0]
	check(t, memory.Name == "memory" && memory.Kind == wasmaot.MemoryKind, "%v", memory)
	_, err := wasmaot.NewModule(engine, []byte("\x00asm\x01\x00\x00\x00\x01"))
	var found *wasmaot.Error
	check(t, errors.As(err, &found) && found.Kind == wasmaot.Malformed && found.Offset >= 8, "%v", err)
	check(t, wasmaot.Version() != "" && wasmaot.CompilerAvailable() == nil, "%v", wasmaot.CompilerAvailable())
}

func TestLimits(t *testing.T) {
	engine := must(wasmaot.NewEngine(&wasmaot.Config{MaxMemory: 2 * 65536, Features: "mvp,legacy-exceptions"}))
	defer engine.Close()
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	memory := must(must(instantiate(store, newModule(t, engine, "host"), same)).Memory("memory"))
	_, err := memory.Grow(2)
	check(t, isKind(err, wasmaot.Unsupported) && must(memory.Grow(1)) == 1, "%v", err)
	values := file("WASMAOT_TEST_MODULES", "values")
	_, err = wasmaot.NewModule(engine, values)
	check(t, isKind(err, wasmaot.Invalid), "%v", err)
	hurried := must(wasmaot.NewEngine(&wasmaot.Config{MaxCompileTime: 1}))
	defer hurried.Close()
	_, err = wasmaot.NewModule(hurried, values)
	check(t, isKind(err, wasmaot.System), "%v", err)
	for _, bad := range []wasmaot.Config{
		{Optimization: 9}, {Optimization: -1}, {Stack: 1}, {MaxMemory: 1}, {Features: "-nonsense"}, {CPU: "a\x00b"},
	} {
		_, err = wasmaot.NewEngine(&bad)
		check(t, isKind(err, wasmaot.Usage), "%+v: %v", bad, err)
	}
	all := must(wasmaot.NewEngine(&wasmaot.Config{
		Optimization: wasmaot.O0, CPU: "baseline", Jobs: 1, ExplicitMemoryChecks: true, MaxCompileMemory: 1 << 40,
		MaxCompileTime: time.Hour, DebugInfo: true, MaxTable: 100, NoHugePages: true, Stack: 1 << 20,
	}))
	defer all.Close()
	storeOfAll := must(wasmaot.NewStore(all))
	defer storeOfAll.Close()
	instance := must(instantiate(storeOfAll, newModule(t, all, "host"), same))
	_, err = instance.Call(background, "sink", 0)
	check(t, isTrap(err, wasmaot.StackExhausted), "%v", err)
}

func TestMissingImports(t *testing.T) {
	engine := newEngine(t)
	module := newModule(t, engine, "host")
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	_, err := linker.Instantiate(background, module)
	check(t, isKind(err, wasmaot.Unlinkable) && strings.Contains(err.Error(), "back"), "%v", err)
	check(t, linker.DefineInstance("host", must(instantiate(store, module, same))) == nil, "define")
	_, err = linker.Instantiate(background, module)
	check(t, isKind(err, wasmaot.Unlinkable), "%v", err)
}

// ---- Programs ----

// output is the exit status and the output of a program.
func output(t *testing.T, guest string, wasi wasmaot.WASI) (int, string, error) {
	engine := newEngine(t)
	module := must(wasmaot.NewModule(engine, file("WASMAOT_TEST_GUESTS", guest)))
	defer module.Close()
	out := must(os.Create(filepath.Join(t.TempDir(), "out")))
	defer out.Close()
	wasi.Args = append([]string{guest}, wasi.Args...)
	wasi.Stdout = out
	status, err := wasmaot.Run(background, engine, module, &wasi, nil)
	return status, string(must(os.ReadFile(out.Name()))), err
}

func TestPrograms(t *testing.T) {
	status, out, err := output(t, "hello", wasmaot.WASI{})
	check(t, err == nil && status == 0 && strings.Contains(out, "ello"), "%v, %q, %v", status, out, err)
	words := wasmaot.WASI{Args: []string{"some words"}, Env: []string{"NAME=value"}, InheritEnv: true}
	_, out, err = output(t, "echo", words)
	check(t, err == nil && strings.Contains(out, "some words"), "%q, %v", out, err)
	status, out, err = output(t, "crew", wasmaot.WASI{})
	check(t, err == nil && status == 0, "%v, %q, %v", status, out, err)
	_, _, err = output(t, "trap", wasmaot.WASI{Args: []string{"divide"}})
	var trap *wasmaot.Trap
	check(t, errors.As(err, &trap) && trap.Code == wasmaot.IntegerDivideByZero, "%v", err)
	check(t, strings.Contains(fmt.Sprint(trap.Frames), "level_three in "), "%v", trap.Frames)
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	check(t, os.WriteFile(filepath.Join(folder, "file"), []byte("what is in it"), 0o600) == nil, "writing")
	dirs := []wasmaot.Dir{{Host: folder, Guest: "/data", ReadOnly: true}}
	status, out, err := output(t, "cat", wasmaot.WASI{Args: []string{"file"}, Dirs: dirs})
	check(t, err == nil && status == 0 && out == "what is in it", "%v, %q, %v", status, out, err)
	_, _, err = output(t, "cat", wasmaot.WASI{Dirs: []wasmaot.Dir{{Host: "/nowhere/at/all", Guest: "/data"}}})
	check(t, isKind(err, wasmaot.System), "%v", err)
	for _, bad := range []wasmaot.WASI{
		{Args: []string{"a\x00b"}}, {Env: []string{"NAME"}}, {Env: []string{"NAME=a\x00b"}},
		{Dirs: []wasmaot.Dir{{Host: folder + "\x00", Guest: "/"}}},
	} {
		_, _, err = output(t, "hello", bad)
		check(t, isKind(err, wasmaot.Usage), "%v", err)
	}
	reader, writer, err := os.Pipe()
	check(t, err == nil, "%v", err)
	defer reader.Close()
	defer writer.Close()
	status, _, err = output(t, "hello", wasmaot.WASI{Files: []*os.File{reader}})
	check(t, err == nil && status == 0, "%v, %v", status, err)
	_, _, err = output(t, "hello", wasmaot.WASI{Files: []*os.File{must(os.Open(folder))}})
	check(t, isKind(err, wasmaot.Usage), "a directory: %v", err)
}

// A stream may be closed as soon as the program is defined.
func TestStreams(t *testing.T) {
	engine := newEngine(t)
	module := must(wasmaot.NewModule(engine, file("WASMAOT_TEST_GUESTS", "hello")))
	defer module.Close()
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	reader, writer, err := os.Pipe()
	check(t, err == nil, "%v", err)
	wasi := &wasmaot.WASI{Args: []string{"hello"}, Stdin: reader, Stdout: writer, Stderr: writer}
	check(t, linker.DefineWASI(wasi) == nil, "define")
	check(t, linker.DefineWASI(&wasmaot.WASI{}) != nil, "twice")
	check(t, writer.Close() == nil, "closing")
	status, err := linker.RunCommand(background, module, nil)
	check(t, err == nil && status == 0, "%v, %v", status, err)
	check(t, store.Close() == nil, "the store")
	out := must(io.ReadAll(reader))
	check(t, strings.Contains(string(out), "ello"), "%q", out)
}

// runStates has four threads of a program in a state, with host functions that any of them calls.
func runStates(
	ctx context.Context, engine *wasmaot.Engine, module *wasmaot.Module, state string, busy any,
) (int, error) {
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	for name, function := range map[string]any{
		"busy":  busy,
		"ready": func() int32 { return 0 },
		"verdict": func() int32 {
			for !wasmaot.Stopping() {
				time.Sleep(time.Millisecond)
			}
			return 0
		},
	} {
		if err := linker.DefineFunc("host", name, function); err != nil {
			return 0, err
		}
	}
	if err := linker.DefineWASI(&wasmaot.WASI{Args: []string{"states", state}}); err != nil {
		return 0, err
	}
	return linker.RunCommand(ctx, module, &wasmaot.RunOptions{MaxThreads: 4, StackSize: 1 << 20})
}

func statesOf(t *testing.T) (*wasmaot.Engine, *wasmaot.Module) {
	engine := must(wasmaot.NewEngine(&wasmaot.Config{Optimization: wasmaot.O0}))
	module := must(wasmaot.NewModule(engine, file("WASMAOT_TEST_GUESTS", "states")))
	t.Cleanup(func() { _, _ = module.Close(), engine.Close() })
	return engine, module
}

func TestStopping(t *testing.T) {
	engine, module := statesOf(t)
	begin := time.Now()
	for _, state := range []string{"spin", "wait", "host", "poll"} {
		soon, cancel := context.WithTimeout(background, 100*time.Millisecond)
		_, err := runStates(soon, engine, module, state, func() int32 {
			time.Sleep(time.Millisecond)
			return 0
		})
		check(t, isTrap(err, wasmaot.Interrupted) && errors.Is(err, context.DeadlineExceeded), "%v: %v", state, err)
		cancel()
		_, err = runStates(soon, engine, module, state, func() int32 { return 0 })
		check(t, err == context.DeadlineExceeded, "%v: %v", state, err)
	}
	check(t, time.Since(begin) < time.Minute, "%v", time.Since(begin))
}

// A function that starts threads.
func TestReactors(t *testing.T) {
	engine := newEngine(t)
	store := must(wasmaot.NewStore(engine))
	defer store.Close()
	linker := must(wasmaot.NewLinker(store))
	check(t, linker.DefineWASI(&wasmaot.WASI{}) == nil, "WASI")
	var panics, blocks atomic.Bool
	check(t, linker.DefineFunc("host", "on_thread", func(caller *wasmaot.Caller, value int32) error {
		switch {
		case value == -1 || blocks.Load():
			for !wasmaot.Stopping() {
				time.Sleep(time.Millisecond)
			}
			return errors.New("stopped")
		case value == 3 && panics.Load():
			panic("three")
		case value == 3:
			_, err := caller.Export("sum")
			return err
		}
		return nil
	}) == nil, "on_thread")
	instance := must(linker.Instantiate(background, newModule(t, engine, "reactor")))
	sum, leave := must(instance.Func("sum")), must(instance.Func("leave"))
	for i := 0; i < 3; i++ {
		value, err := wasmaot.Result[int32](sum.Run(background, nil, 2))
		check(t, err == nil && value == 3, "%v, %v", value, err)
		results, err := leave.Run(background, nil)
		check(t, err == nil && len(results) == 0, "%v, %v", results, err)
		// The store's objects are not for the program's threads.
		_, err = sum.Run(background, nil, 3)
		check(t, err == wasmaot.ErrBusy, "%v", err)
		panics.Store(true)
		panic := panicked(func() { _, _ = sum.Run(background, nil, 5) })
		check(t, panic == "three", "%v", panic)
		panics.Store(false)
	}
	value, err := wasmaot.Result[int32](sum.Run(background, &wasmaot.RunOptions{MaxThreads: 1}, 2))
	check(t, err == nil && (value == 3 || value == -1), "%v, %v", value, err)
	_, err = sum.Run(background, nil)
	check(t, isKind(err, wasmaot.Usage), "%v", err)
	// Outside of a run there are no threads.
	value, err = wasmaot.Result[int32](sum.Call(background, 2))
	check(t, err == nil && value == -2, "%v, %v", value, err)
	canceled, cancel := context.WithCancel(background)
	cancel()
	_, err = sum.Run(canceled, nil, 2)
	check(t, err == context.Canceled, "%v", err)
	// Waits that nobody ends, in it and in its threads.
	soon, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	blocks.Store(true)
	_, err = sum.Run(soon, nil, 2)
	blocks.Store(false)
	check(t, isTrap(err, wasmaot.Interrupted) && errors.Is(err, context.DeadlineExceeded), "%v", err)
	_, err = wasmaot.Result[int32](sum.Run(background, nil, 2))
	check(t, err == nil, "%v", err)
}

// What host functions give on the threads of a program reaches who runs it, and they have no store there.
func TestHostFunctionsOfPrograms(t *testing.T) {
	engine, module := statesOf(t)
	_, err := runStates(background, engine, module, "host", func() (int32, error) { return 0, errMine })
	check(t, err == errMine, "%v", err)
	value := panicked(func() {
		_, _ = runStates(background, engine, module, "host", func() int32 { panic("on a thread") })
	})
	check(t, value == "on a thread", "%v", value)
	_, err = runStates(background, engine, module, "host", func(caller *wasmaot.Caller) (int32, error) {
		_, err := caller.Export("memory")
		return 0, err
	})
	check(t, err == wasmaot.ErrBusy, "%v", err)
	status, err := runStates(background, engine, module, "host", func(caller *wasmaot.Caller) (int32, error) {
		if _, err := caller.ReadAt(make([]byte, 1), int64(caller.MemorySize())-1); err != nil {
			return 0, err
		}
		return 0, wasmaot.Exit(3)
	})
	check(t, err == nil && status == 3, "%v, %v", status, err)
	// Not inside of a call.
	var h host
	h = newHost(t, func(argument int32) (int32, error) {
		linker := must(wasmaot.NewLinker(h.store))
		_, err := linker.RunCommand(background, module, nil)
		return argument, err
	})
	_, err = h.call("call", 1)
	check(t, err == wasmaot.ErrBusy, "%v", err)
}
