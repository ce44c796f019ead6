// A host in Go: its runtime handles every signal, has alternate stacks, moves goroutines between
// threads, and takes a thread that is not on its own stack for broken.
package main

/*
#include <stdlib.h>
#include <string.h>
#include "wasm.h"
#include "wasmaot.h"

extern int32_t goBack(int32_t argument);

static wasm_trap_t *call_back(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
	results->data[0].kind = WASM_I32;
	results->data[0].of.i32 = goBack(args->data[0].of.i32);
	return NULL;
}

static wasm_instance_t *instantiate(wasm_store_t *store, wasm_module_t *module) {
	wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
	wasm_func_t *back = wasm_func_new(store, type, call_back);
	wasm_extern_t *externs[] = {wasm_func_as_extern(back)};
	wasm_extern_vec_t imports = {1, externs};
	wasm_instance_t *instance = wasm_instance_new(store, module, &imports, NULL);
	wasm_func_delete(back);
	wasm_functype_delete(type);
	return instance;
}

// The trap's code, or 0 with the result.
static int call(wasm_instance_t *instance, const char *name, int32_t argument, int32_t *result) {
	wasm_extern_t *export = wasmaot_instance_export(instance, name);
	wasmaot_cell_t cells[2] = {{.i32 = argument}, {.i32 = 0}};
	wasm_trap_t *trap = wasmaot_func_call_cells(wasm_extern_as_func(export), cells);
	int code = trap == NULL ? 0 : wasmaot_trap_code(trap);
	*result = cells[0].i32;
	if (trap != NULL) {
		wasm_trap_delete(trap);
	}
	wasm_extern_delete(export);
	return code;
}

struct group_call {
	wasm_instance_t *instance;
	const char *name;
	int32_t argument, result;
	int code;
};

static wasm_trap_t *call_body(void *arg) {
	struct group_call *call_it = arg;
	call_it->code = call(call_it->instance, call_it->name, call_it->argument, &call_it->result);
	return NULL;
}

static int call_in_group(wasmaot_group_t *group, wasm_instance_t *instance, const char *name,
                         int32_t argument, int32_t *result) {
	struct group_call call_it = {instance, name, argument, 0, 0};
	wasm_trap_t *trap = wasmaot_group_run(group, call_body, &call_it);
	if (trap != NULL) {
		wasm_trap_delete(trap);
		return -1;
	}
	*result = call_it.result;
	return call_it.code;
}
*/
import "C"

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	memoryOutOfBounds = C.WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS
	divideByZero      = C.WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO
	stackExhausted    = C.WASMAOT_TRAP_STACK_EXHAUSTED
	interrupted       = C.WASMAOT_TRAP_INTERRUPTED
)

var failures atomic.Int32

func check(ok bool, what string, values ...any) {
	if !ok {
		failures.Add(1)
		fmt.Println("FAILED:", fmt.Sprintf(what, values...))
	}
}

var spins atomic.Int32

//export goBack
func goBack(argument C.int32_t) C.int32_t {
	if argument == -1 {
		spins.Add(1)
	}
	if argument == 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	return argument + C.int32_t(growStack(int(argument)%100, [64]int{}))
}

// Goroutines' stacks move when they grow.
func growStack(depth int, frame [64]int) int {
	if depth <= 0 {
		return frame[0]
	}
	return growStack(depth-1, frame)
}

type host struct {
	store    *C.wasm_store_t
	instance *C.wasm_instance_t
}

func newHost(engine *C.wasm_engine_t, module *C.wasm_module_t) host {
	store := C.wasm_store_new(engine)
	if store == nil {
		panic(C.GoString(C.wasmaot_last_error_message()))
	}
	return host{store, C.instantiate(store, module)}
}

func (h host) call(name string, argument int) (int, int) {
	var result C.int32_t
	cName := C.CString(name)
	defer C.free(unsafe.Pointer(cName))
	code := C.call(h.instance, cName, C.int32_t(argument), &result)
	return int(code), int(result)
}

func (h host) callInGroup(group *C.wasmaot_group_t, name string, argument int) (int, int) {
	var result C.int32_t
	cName := C.CString(name)
	defer C.free(unsafe.Pointer(cName))
	code := C.call_in_group(group, h.instance, cName, C.int32_t(argument), &result)
	return int(code), int(result)
}

func (h host) delete() {
	C.wasm_instance_delete(h.instance)
	C.wasm_store_delete(h.store)
}

// A nil of Go's own, beside those of guests.
func faultInGo() (recovered bool) {
	defer func() { recovered = recover() != nil }()
	var nowhere *int
	return *nowhere == 0
}

func work(engine *C.wasm_engine_t, module *C.wasm_module_t, rounds int) {
	h := newHost(engine, module)
	defer h.delete()
	for i := 0; i < rounds; i++ {
		code, result := h.call("add", i)
		check(code == 0 && result == i, "add: %d, %d", code, result)
		code, _ = h.call("div", i)
		check(code == divideByZero, "div: %d", code)
		code, _ = h.call("load", 70000000)
		check(code == memoryOutOfBounds, "load: %d", code)
		code, result = h.call("call", i)
		check(code == 0 && result == 1000+i, "call: %d, %d", code, result)
		if i%20 == 0 {
			code, _ = h.call("sink", 0)
			check(code == stackExhausted, "sink: %d", code)
			check(faultInGo(), "a fault of Go's is not its own")
		}
	}
}

func interruptSpin(engine *C.wasm_engine_t, module *C.wasm_module_t, inGroup bool) {
	h := newHost(engine, module)
	defer h.delete()
	var group *C.wasmaot_group_t
	C.wasmaot_group_new(nil, &group)
	before := spins.Load()
	done := make(chan bool)
	go func() {
		for spins.Load() == before {
			time.Sleep(100 * time.Microsecond)
		}
		done <- bool(C.wasmaot_store_interrupt(h.store, 20000000000))
	}()
	var code int
	if inGroup {
		code, _ = h.callInGroup(group, "spin", 0)
	} else {
		code, _ = h.call("spin", 0)
	}
	check(code == interrupted, "spin: %d", code)
	check(<-done, "not interrupted")
	C.wasmaot_store_resume(h.store)
	for i := 0; i < 10; i++ {
		code, result := h.callInGroup(group, "call", i)
		check(code == 0 && result == 1000+i, "call: %d, %d", code, result)
	}
	C.wasmaot_group_delete(group)
}

func main() {
	signals := make(chan os.Signal, 1000)
	signal.Notify(signals) // all of them
	engine, module := load()
	var workers sync.WaitGroup
	for i := 0; i < 12; i++ {
		workers.Add(1)
		go func(lock bool) {
			defer workers.Done()
			if lock {
				runtime.LockOSThread()
			}
			work(engine, module, 80)
		}(i%2 == 0)
	}
	for i := 0; i < 20; i++ {
		interruptSpin(engine, module, i%2 == 0)
		runtime.GC()
	}
	workers.Wait()
	// Go has got the signals that are its own, and none that is the library's.
	for number := 35; number <= 64; number++ {
		_ = syscall.Kill(os.Getpid(), syscall.Signal(number))
	}
	got := 0
	deadline := time.After(5 * time.Second)
	for got < 30 {
		select {
		case s := <-signals:
			if n := int(s.(syscall.Signal)); n >= 35 {
				got++
			}
		case <-deadline:
			check(false, "Go got %d of 30 signals", got)
			got = 30
		}
	}
	work(engine, module, 10)
	C.wasm_module_delete(module)
	C.wasm_engine_delete(engine)
	if failures.Load() == 0 {
		fmt.Println("all went well")
	}
}

func load() (*C.wasm_engine_t, *C.wasm_module_t) {
	config := C.wasm_config_new()
	C.wasmaot_config_set_caller_stack(config, true)
	engine := C.wasm_engine_new_with_config(config)
	store := C.wasm_store_new(engine)
	defer C.wasm_store_delete(store)
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var bytes C.wasm_byte_vec_t
	C.wasm_byte_vec_new(&bytes, C.size_t(len(text)), (*C.char)(unsafe.Pointer(&text[0])))
	defer C.wasm_byte_vec_delete(&bytes)
	module := C.wasm_module_new(store, &bytes)
	if module == nil {
		panic(C.GoString(C.wasmaot_last_error_message()))
	}
	return engine, module
}
