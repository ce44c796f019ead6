// Package wasmaot runs WebAssembly by wasmaot: ahead-of-time compiled, with WASI, threads, limits and stopping.
//
// An [Engine] holds the configuration, a [Store] the objects of one guest, a [Module] compiled code. A [Linker] gives
// a module its imports and makes an [Instance], whose exports are called. [Run] runs a program of WASI.
//
// # Goroutines
//
// Engines, modules and shared memories are for all goroutines at once. A store and everything in it is for one at a
// time, whichever it is, and for the host functions that its calls reach: another one gets [ErrBusy]. The host
// functions of a program that [Run] or [Linker.RunCommand] runs are called by its threads at once, and get that, too;
// what they have is the [Caller].
//
// # Ends
//
// Nothing is left to the garbage collector: engines, modules, stores and shared memories are closed by who made them,
// in any order. Closing a store ends everything in it. What was closed gives [ErrClosed].
//
// # Stopping
//
// Calls and runs end when their context does, wherever the guest is: computing, waiting, or in a blocking call of
// WASI. Host functions finish first. The error is then a [*Trap] that [errors.Is] takes for the context's.
package wasmaot

// #cgo pkg-config: wasmaot
// #include "shim.h"
import "C"

import (
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Version is the library's: "0.1.0".
func Version() string {
	return C.GoString(C.wasmaot_version())
}

// CompilerAvailable says why modules cannot be compiled, or nil: it opens the compiler library
// (libwasmaot-compiler.so).
func CompilerAvailable() error {
	return takeError(C.wasmaot_compiler_available())
}

// Optimization is how much compiling does for speed.
type Optimization int

// DefaultOptimization is O3.
const (
	DefaultOptimization Optimization = iota
	O0
	O1
	O2
	O3
)

// Config is how modules are compiled and what stores may use. What is zero is the library's default.
type Config struct {
	Optimization Optimization
	// CPU is a name of LLVM's, "native" (default) or "baseline", then features to add or take away:
	// "znver4,+avx2,-fma".
	CPU string
	// Features are proposals that modules may use, such as "wasm2,threads,-simd"; default all. A module that uses
	// another one is refused.
	Features string
	// Jobs are threads that compile one module; default: one per processor.
	Jobs uint
	// ExplicitMemoryChecks compares accesses with the memory's size, which is slower, instead of reserving 8 GiB of
	// address space for each memory. For many instances.
	ExplicitMemoryChecks bool
	// MaxCompileMemory is how many bytes compiling a module may take, about.
	MaxCompileMemory uint64
	// MaxCompileTime is how long compiling a module may take, about.
	MaxCompileTime time.Duration
	// DebugInfo has traps name source lines, of modules that have debug information.
	DebugInfo bool
	// MaxMemory is how many bytes all memories of a store may have together, and each [SharedMemory].
	MaxMemory uint64
	// MaxTable is how many entries all tables of a store may have together; default: 10,000,000.
	MaxTable uint64
	// NoHugePages has memories that grow by much not ask for huge pages.
	NoHugePages bool
	// Stack is the bytes of stack for calls outside of programs, at least 256 KiB; default: 8 MiB.
	Stack uintptr
}

// shared is what any goroutine may use and close: closing waits for uses.
type shared struct {
	mutex sync.RWMutex
	raw   unsafe.Pointer
}

// use must not run guests, whose host functions might use it again while it waits to be closed.
func (s *shared) use(by func(raw unsafe.Pointer) error) error {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if s.raw == nil {
		return ErrClosed
	}
	// The library's last error is a thread's.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return by(s.raw)
}

func (s *shared) close(by func(raw unsafe.Pointer)) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.raw == nil {
		return ErrClosed
	}
	by(s.raw)
	s.raw = nil
	return nil
}

// Engine is a configuration in use; one per process is enough.
type Engine struct {
	shared
}

// NewEngine fails when an option makes no sense. A nil configuration is the default.
func NewEngine(config *Config) (*Engine, error) {
	if config == nil {
		config = &Config{}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	made := C.wasm_config_new()
	if made == nil {
		return nil, lastError()
	}
	if err := config.apply(made); err != nil {
		C.wasm_config_delete(made)
		return nil, err
	}
	engine := C.wasm_engine_new_with_config(made)
	if engine == nil {
		return nil, lastError()
	}
	return &Engine{shared{raw: unsafe.Pointer(engine)}}, nil
}

func (c *Config) apply(to *C.wasm_config_t) error {
	var of texts
	defer of.free()
	if c.CPU != "" {
		set := func(text *C.char) C.bool { return C.wasmaot_config_set_cpu(to, text) }
		if err := of.with(set, c.CPU); err != nil {
			return err
		}
	}
	if c.Features != "" {
		set := func(text *C.char) C.bool { return C.wasmaot_config_set_features(to, text) }
		if err := of.with(set, c.Features); err != nil {
			return err
		}
	}
	// Go knows its threads by their stacks.
	done := bool(C.wasmaot_config_set_caller_stack(to, true)) &&
		(c.Optimization == DefaultOptimization ||
			bool(C.wasmaot_config_set_optimization(to, C.int(c.Optimization-O0)))) &&
		bool(C.wasmaot_config_set_jobs(to, C.uint(c.Jobs))) &&
		bool(C.wasmaot_config_set_explicit_memory_checks(to, C.bool(c.ExplicitMemoryChecks))) &&
		bool(C.wasmaot_config_set_max_compile_memory(to, C.uint64_t(c.MaxCompileMemory))) &&
		bool(C.wasmaot_config_set_max_compile_time(to, C.uint64_t(c.MaxCompileTime.Nanoseconds()))) &&
		bool(C.wasmaot_config_set_debug_info(to, C.bool(c.DebugInfo))) &&
		(c.MaxMemory == 0 || bool(C.wasmaot_config_set_max_memory(to, C.uint64_t(c.MaxMemory)))) &&
		(c.MaxTable == 0 || bool(C.wasmaot_config_set_max_table(to, C.uint64_t(c.MaxTable)))) &&
		bool(C.wasmaot_config_set_huge_pages(to, C.bool(!c.NoHugePages))) &&
		(c.Stack == 0 || bool(C.wasmaot_config_set_stack(to, C.size_t(c.Stack))))
	if !done {
		return lastError()
	}
	return nil
}

// Close ends it; its stores go on.
func (e *Engine) Close() error {
	return e.close(func(raw unsafe.Pointer) { C.wasm_engine_delete((*C.wasm_engine_t)(raw)) })
}
