package wasmaot

// #include "shim.h"
import "C"

import (
	"context"
	"os"
	"strings"
	"syscall"
)

// WASI is what a program may see: nothing but what is named here.
type WASI struct {
	Args       []string // the first is the program's name
	Env        []string // "NAME=VALUE"
	InheritEnv bool
	Dirs       []Dir
	// Standard streams; nil is closed. They may be closed when the program is defined or was run.
	Stdin, Stdout, Stderr *os.File
	// Files are the program's descriptors behind those of the directories: sockets that listen or are connected, pipes,
	// files. (*net.TCPListener).File gives one.
	Files []*os.File
}

// Dir grants the directory Host, which the program calls Guest, and all below it.
type Dir struct {
	Host, Guest string
	ReadOnly    bool
}

// config is the library's, to be deleted, and duplicates of the streams, which have to stay open.
func (w *WASI) config() (*C.wasmaot_wasi_config_t, []*os.File, error) {
	config := C.wasmaot_wasi_config_new()
	if config == nil {
		return nil, nil, lastError()
	}
	var streams []*os.File
	err := w.fill(config)
	for number, file := range []*os.File{w.Stdin, w.Stdout, w.Stderr} {
		if file == nil || err != nil {
			continue
		}
		var own *os.File
		if own, err = duplicate(file); err == nil {
			streams = append(streams, own)
			C.wasmaot_wasi_config_stdio(config, C.int(number), C.int(own.Fd()))
		}
	}
	if err != nil {
		C.wasmaot_wasi_config_delete(config)
		for _, file := range streams {
			_ = file.Close()
		}
		return nil, nil, err
	}
	return config, streams, nil
}

func duplicate(file *os.File) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	own, err := syscall.Dup(int(file.Fd()))
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(own)
	return os.NewFile(uintptr(own), file.Name()), nil
}

// fill names what is granted, but the streams.
func (w *WASI) fill(config *C.wasmaot_wasi_config_t) error {
	var of texts
	defer of.free()
	for _, arg := range w.Args {
		if err := of.with(func(text *C.char) C.bool { return C.wasmaot_wasi_config_arg(config, text) }, arg); err != nil {
			return err
		}
	}
	if w.InheritEnv && !bool(C.wasmaot_wasi_config_inherit_env(config)) {
		return lastError()
	}
	for _, variable := range w.Env {
		name, value, is := strings.Cut(variable, "=")
		if !is {
			return usage("an environment variable without a value: %q", variable)
		}
		if err := of.with2(func(name, value *C.char) C.bool {
			return C.wasmaot_wasi_config_env(config, name, value)
		}, name, value); err != nil {
			return err
		}
	}
	for _, dir := range w.Dirs {
		if err := of.with2(func(host, guest *C.char) C.bool {
			if dir.ReadOnly {
				return C.wasmaot_wasi_config_preopen_read_only(config, host, guest)
			}
			return C.wasmaot_wasi_config_preopen(config, host, guest)
		}, dir.Host, dir.Guest); err != nil {
			return err
		}
	}
	for _, file := range w.Files {
		if !C.wasmaot_wasi_config_descriptor(config, C.int(file.Fd())) {
			return lastError()
		}
	}
	return nil
}

// with gives a text to the library, which says whether it took it.
func (t *texts) with(do func(*C.char) C.bool, text string) error {
	made, err := t.add(text)
	if err == nil && !do(made) {
		err = lastError()
	}
	return err
}

func (t *texts) with2(do func(_, _ *C.char) C.bool, first, second string) error {
	made, err := t.add(first)
	if err != nil {
		return err
	}
	return t.with(func(other *C.char) C.bool { return do(made, other) }, second)
}

// DefineWASI is for one program. Once per linker.
func (l *Linker) DefineWASI(wasi *WASI) error {
	return l.use(func(linker *C.wasmaot_linker_t) error {
		config, streams, err := wasi.config()
		if err != nil {
			return err
		}
		defer C.wasmaot_wasi_config_delete(config)
		l.store.streams = append(l.store.streams, streams...)
		return takeError(C.wasmaot_linker_define_wasi(linker, config))
	})
}

// RunOptions are what the threads of a program may take. What is zero is the library's default.
type RunOptions struct {
	MaxThreads uint32  // besides the main one; default: 4096
	StackSize  uintptr // bytes for each thread, at least 256 KiB; default: 8 MiB
}

// run has a group run something, which returns a trap, and ends it with the context. By who has entered the store,
// once: not inside of one of its calls.
func (o *RunOptions) run(ctx context.Context, store *Store, do func(*C.wasmaot_group_t) (*C.wasm_trap_t, error)) error {
	if store.guard.depth > 1 {
		return ErrBusy
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if o == nil {
		o = &RunOptions{}
	}
	options := C.wasmaot_group_options_t{
		max_threads: C.uint32_t(o.MaxThreads),
		stack_size:  C.size_t(o.StackSize),
	}
	var group *C.wasmaot_group_t
	if err := takeError(C.wasmaot_group_new(&options, &group)); err != nil {
		return err
	}
	stopped := make(chan struct{})
	stop := afterFunc(ctx, func() {
		C.wasmaot_group_stop(group)
		close(stopped)
	})
	trap, err := do(group)
	if !stop() {
		<-stopped
	}
	// Waits for the threads, which may still leave something.
	C.wasmaot_group_delete(group)
	if ended := store.finish(trap, ctx.Err()); err == nil {
		err = ended
	}
	return err
}

// RunCommand instantiates the module, calls its _start and waits for the end of all its threads: a WASI command's exit
// status. A trap or an error of a host function in any of them is an error; a panic goes on here. nil options are the
// defaults.
func (l *Linker) RunCommand(ctx context.Context, module *Module, options *RunOptions) (status int, err error) {
	err = l.use(func(linker *C.wasmaot_linker_t) error {
		return module.with(func(code *C.wasm_module_t) error {
			return options.run(ctx, l.store, func(group *C.wasmaot_group_t) (*C.wasm_trap_t, error) {
				var trap *C.wasm_trap_t
				var exit C.int
				err := takeError(C.wasmaot_group_run_command(group, linker, code, &exit, &trap))
				status = int(exit)
				return trap, err
			})
		})
	})
	return status, err
}

// Run calls a function that may start threads, as of a WASI reactor, as [Func.Call] would. When it returns, its threads
// end, too. Otherwise as [Linker.RunCommand].
func (f *Func) Run(ctx context.Context, options *RunOptions, args ...any) ([]any, error) {
	return f.with(args, func(function *C.wasm_func_t, cells *C.uint64_t) error {
		return options.run(ctx, f.store, func(group *C.wasmaot_group_t) (*C.wasm_trap_t, error) {
			return C.wasmaot_go_run(group, function, cells, C.size_t(f.cells)), nil
		})
	})
}

// Run runs a program of WASI in a store of its own; its exit status. See [Linker.RunCommand].
func Run(ctx context.Context, engine *Engine, module *Module, wasi *WASI, options *RunOptions) (int, error) {
	store, err := NewStore(engine)
	if err != nil {
		return 0, err
	}
	defer store.Close()
	linker, err := NewLinker(store)
	if err != nil {
		return 0, err
	}
	if err := linker.DefineWASI(wasi); err != nil {
		return 0, err
	}
	return linker.RunCommand(ctx, module, options)
}

// Stopping tells whether the calling thread is to end, because the context of its call or run ended: host functions
// that loop ask, and return an error when it is true.
func Stopping() bool {
	return bool(C.wasmaot_group_stopping())
}
