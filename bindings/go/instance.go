package wasmaot

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"fmt"
	"unsafe"
)

// Extern is what can be imported and exported: a [*Func], a [*Global], a [*Memory], or an [*Other].
type Extern interface {
	// Close lets it go before its store is closed: it ends when nothing else uses it.
	Close() error
	extern(s *Store) (*C.wasm_extern_t, error)
	closed() bool
}

// Other is a table or a tag: to be passed on.
type Other struct {
	handle
}

func (f *Func) extern(s *Store) (*C.wasm_extern_t, error) {
	raw, err := f.handle.of(s)
	if err != nil {
		return nil, err
	}
	return C.wasm_func_as_extern((*C.wasm_func_t)(raw)), nil
}

func (g *Global) extern(s *Store) (*C.wasm_extern_t, error) {
	raw, err := g.handle.of(s)
	if err != nil {
		return nil, err
	}
	return C.wasm_global_as_extern((*C.wasm_global_t)(raw)), nil
}

func (m *Memory) extern(s *Store) (*C.wasm_extern_t, error) {
	raw, err := m.of(s)
	if err != nil {
		return nil, err
	}
	return C.wasm_memory_as_extern((*C.wasm_memory_t)(raw)), nil
}

func (o *Other) extern(s *Store) (*C.wasm_extern_t, error) {
	raw, err := o.of(s)
	return (*C.wasm_extern_t)(raw), err
}

// newExtern takes the handle over, by who has entered.
func (s *Store) newExtern(raw *C.wasm_extern_t) (Extern, error) {
	switch C.wasm_extern_kind(raw) {
	case C.WASM_EXTERN_FUNC:
		function := C.wasm_extern_as_func(raw)
		of := C.wasm_func_type(function)
		if of == nil {
			C.wasm_extern_delete(raw)
			return nil, lastError()
		}
		defer C.wasm_functype_delete(of)
		return s.newFunc(function, funcTypeOf(of))
	case C.WASM_EXTERN_GLOBAL:
		return s.newGlobal(C.wasm_extern_as_global(raw))
	case C.WASM_EXTERN_MEMORY:
		return s.newMemory(C.wasm_extern_as_memory(raw))
	}
	h, err := s.keep(unsafe.Pointer(raw), func(raw unsafe.Pointer) {
		C.wasm_extern_delete((*C.wasm_extern_t)(raw))
	})
	if err != nil {
		return nil, err
	}
	other := &Other{h}
	other.register()
	return other, nil
}

// Instance is a module with its imports.
type Instance struct {
	handle
	exports map[string]Extern
}

// Close lets it and what was got of it go before its store is closed: it ends when nothing else uses it.
func (i *Instance) Close() error {
	return i.store.enter(func() error {
		if i.raw == nil {
			return ErrClosed
		}
		for _, export := range i.exports {
			_ = export.Close()
		}
		i.end()
		return nil
	})
}

// Export is an export; nil when there is none of the name.
func (i *Instance) Export(name string) (Extern, error) {
	var found Extern
	err := i.store.enter(func() error {
		raw, err := i.of(i.store)
		if err != nil {
			return err
		}
		if found = i.exports[name]; found != nil && !found.closed() {
			return nil
		}
		var of texts
		defer of.free()
		text, err := of.add(name)
		if err != nil {
			return err
		}
		export := C.wasmaot_instance_export((*C.wasm_instance_t)(raw), text)
		if export == nil {
			found = nil
			return nil
		}
		if found, err = i.store.newExtern(export); err == nil {
			i.exports[name] = found
		}
		return err
	})
	return found, err
}

func exported[T Extern](i *Instance, name, what string) (T, error) {
	found, err := i.Export(name)
	if err != nil {
		var none T
		return none, err
	}
	is, ok := found.(T)
	if !ok {
		return is, usage("the instance exports no %s %q", what, name)
	}
	return is, nil
}

// Func is an exported function.
func (i *Instance) Func(name string) (*Func, error) {
	return exported[*Func](i, name, "function")
}

// Global is an exported global.
func (i *Instance) Global(name string) (*Global, error) {
	return exported[*Global](i, name, "global")
}

// Memory is an exported memory.
func (i *Instance) Memory(name string) (*Memory, error) {
	return exported[*Memory](i, name, "memory")
}

// Call calls an exported function: see [Func.Call].
func (i *Instance) Call(ctx context.Context, name string, args ...any) ([]any, error) {
	function, err := i.Func(name)
	if err != nil {
		return nil, err
	}
	return function.Call(ctx, args...)
}

// Linker has imports by their names, of one store. Its instances work without it.
type Linker struct {
	handle
}

// NewLinker makes one with nothing in it.
func NewLinker(store *Store) (*Linker, error) {
	made := &Linker{}
	err := store.enter(func() (err error) {
		made.handle, err = store.keep(unsafe.Pointer(C.wasmaot_linker_new(store.raw)), func(raw unsafe.Pointer) {
			C.wasmaot_linker_delete((*C.wasmaot_linker_t)(raw))
		})
		if err == nil {
			made.register()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (l *Linker) use(do func(linker *C.wasmaot_linker_t) error) error {
	return l.store.enter(func() error {
		raw, err := l.of(l.store)
		if err != nil {
			return err
		}
		return do((*C.wasmaot_linker_t)(raw))
	})
}

// Define has a value under two names; a later one replaces it.
func (l *Linker) Define(module, name string, value Extern) error {
	return l.use(func(linker *C.wasmaot_linker_t) error {
		raw, err := value.extern(l.store)
		if err != nil {
			return err
		}
		var of texts
		defer of.free()
		moduleText, err := of.add(module)
		if err != nil {
			return err
		}
		nameText, err := of.add(name)
		if err != nil {
			return err
		}
		return takeError(C.wasmaot_linker_define(linker, moduleText, nameText, raw))
	})
}

// DefineFunc has a host function under two names: see [NewFunc].
func (l *Linker) DefineFunc(module, name string, function any) error {
	made, err := NewFunc(l.store, function)
	if err != nil {
		return fmt.Errorf("%s.%s: %w", module, name, err)
	}
	defer made.Close()
	return l.Define(module, name, made)
}

// DefineInstance has every export of an instance under one module's name.
func (l *Linker) DefineInstance(module string, instance *Instance) error {
	return l.use(func(linker *C.wasmaot_linker_t) error {
		raw, err := instance.of(l.store)
		if err != nil {
			return err
		}
		var of texts
		defer of.free()
		text, err := of.add(module)
		if err != nil {
			return err
		}
		return takeError(C.wasmaot_linker_define_instance(linker, text, (*C.wasm_instance_t)(raw)))
	})
}

// TrapUnknown says whether functions that nobody defines trap when they are called, instead of failing to link.
func (l *Linker) TrapUnknown(on bool) error {
	return l.use(func(linker *C.wasmaot_linker_t) error {
		C.wasmaot_linker_trap_unknown(linker, C.bool(on))
		return nil
	})
}

// Instantiate runs the module's start function, as [Func.Call] would. Memories that it imports and nobody defined are
// made.
func (l *Linker) Instantiate(ctx context.Context, module *Module) (*Instance, error) {
	var made *Instance
	err := l.use(func(linker *C.wasmaot_linker_t) error {
		return module.with(func(code *C.wasm_module_t) error {
			var raw *C.wasm_instance_t
			err := l.store.call(ctx, func() (trap *C.wasm_trap_t, err error) {
				err = takeError(C.wasmaot_linker_instantiate(linker, code, &raw, &trap))
				return trap, err
			})
			if err != nil {
				return err
			}
			h, err := l.store.keep(unsafe.Pointer(raw), func(raw unsafe.Pointer) {
				C.wasm_instance_delete((*C.wasm_instance_t)(raw))
			})
			if err == nil {
				made = &Instance{h, map[string]Extern{}}
				made.register()
			}
			return err
		})
	})
	return made, err
}
