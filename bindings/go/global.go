package wasmaot

// #include "shim.h"
import "C"

import (
	"reflect"
	"unsafe"
)

// Global is a global of a guest or of the host. One that is no number or is v128 can be passed on, not read.
type Global struct {
	handle
	of      ValType
	mutable bool
}

func (s *Store) newGlobal(raw *C.wasm_global_t) (*Global, error) {
	h, err := s.keep(unsafe.Pointer(raw), func(raw unsafe.Pointer) {
		C.wasm_extern_delete(C.wasm_global_as_extern((*C.wasm_global_t)(raw)))
	})
	if err != nil {
		return nil, err
	}
	g := &Global{handle: h}
	g.register()
	of := C.wasm_global_type(raw)
	if of == nil {
		return nil, lastError()
	}
	g.of = ValType(C.wasm_valtype_kind(C.wasm_globaltype_content(of)))
	g.mutable = C.wasm_globaltype_mutability(of) == C.WASM_VAR
	C.wasm_globaltype_delete(of)
	return g, nil
}

// newVal is of numbers that wasm_val_t can hold.
func newVal(of ValType, value any) (C.wasm_val_t, error) {
	val := C.wasm_val_t{kind: C.wasm_valkind_t(of)}
	if of > F64 {
		return val, usage("a global of type %v, which only guests can use", of)
	}
	return val, put((*[1]uint64)(unsafe.Pointer(&val.of))[:], of, value)
}

// NewGlobal makes one of the host's own, of an int32, uint32, int64, uint64, float32 or float64.
func NewGlobal(store *Store, value any, mutable bool) (*Global, error) {
	of, known := valTypes[reflect.TypeOf(value)]
	if !known {
		return nil, usage("a global of %T, which is no type of WebAssembly", value)
	}
	val, err := newVal(of, value)
	if err != nil {
		return nil, err
	}
	var made *Global
	err = store.enter(func() error {
		var mutability C.wasm_mutability_t = C.WASM_CONST
		if mutable {
			mutability = C.WASM_VAR
		}
		globalType := C.wasm_globaltype_new(C.wasm_valtype_new(C.wasm_valkind_t(of)), mutability)
		if globalType == nil {
			return lastError()
		}
		defer C.wasm_globaltype_delete(globalType)
		made, err = store.newGlobal(C.wasm_global_new(store.raw, globalType, &val))
		return err
	})
	return made, err
}

// Type is that of its value.
func (g *Global) Type() ValType {
	return g.of
}

// Mutable tells whether it can be set.
func (g *Global) Mutable() bool {
	return g.mutable
}

// Get is its value: an int32, int64, float32 or float64.
func (g *Global) Get() (value any, err error) {
	err = g.store.enter(func() error {
		raw, err := g.handle.of(g.store)
		if err != nil {
			return err
		}
		if g.of > F64 {
			return usage("a global of type %v, which only guests can use", g.of)
		}
		var val C.wasm_val_t
		C.wasm_global_get((*C.wasm_global_t)(raw), &val)
		value = take((*[1]uint64)(unsafe.Pointer(&val.of))[:], g.of)
		return nil
	})
	return value, err
}

// Set is of its type, when it is mutable.
func (g *Global) Set(value any) error {
	return g.store.enter(func() error {
		raw, err := g.handle.of(g.store)
		if err != nil {
			return err
		}
		if !g.mutable {
			return usage("a global that is immutable cannot be set")
		}
		val, err := newVal(g.of, value)
		if err == nil {
			C.wasm_global_set((*C.wasm_global_t)(raw), &val)
		}
		return err
	})
}
