package wasmaot

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"os"
	"unsafe"
)

// Module is compiled code, for every store and all goroutines at once.
type Module struct {
	shared
}

// ExternKind is what an import or export is.
type ExternKind uint8

// The kinds of imports and exports.
const (
	FuncKind   ExternKind = C.WASM_EXTERN_FUNC
	GlobalKind ExternKind = C.WASM_EXTERN_GLOBAL
	TableKind  ExternKind = C.WASM_EXTERN_TABLE
	MemoryKind ExternKind = C.WASM_EXTERN_MEMORY
	TagKind    ExternKind = C.WASMAOT_EXTERN_TAG
)

// Port is an import or export of a module.
type Port struct {
	Module string // the first name of an import
	Name   string
	Kind   ExternKind
	Type   FuncType // of a function
}

// NewModule compiles a WebAssembly binary, which may come from anywhere. Never takes an artifact.
func NewModule(engine *Engine, binary []byte) (*Module, error) {
	bytes, size := C.CBytes(binary), C.size_t(len(binary))
	defer C.free(bytes)
	var module *Module
	err := engine.use(func(raw unsafe.Pointer) (err error) {
		module, err = newModule(func(out **C.wasm_module_t) *C.wasmaot_error_t {
			return C.wasmaot_module_new((*C.wasm_engine_t)(raw), bytes, size, out)
		})
		return err
	})
	return module, err
}

// NewModuleFromFile is the same from a file.
func NewModuleFromFile(engine *Engine, path string) (*Module, error) {
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return NewModule(engine, binary)
}

// Validate tells why a binary is no module; it compiles nothing.
func Validate(binary []byte) error {
	bytes := C.CBytes(binary)
	defer C.free(bytes)
	return takeError(C.wasmaot_module_validate(bytes, C.size_t(len(binary))))
}

// LoadModule takes an artifact of [Module.Serialize] or of "wasmaot compile". That is native code, which does whatever
// its maker wants: load it from where you would load a program. Damaged ones and those of another version, host or
// processor are refused.
func LoadModule(artifact []byte) (*Module, error) {
	bytes := C.CBytes(artifact)
	defer C.free(bytes)
	return newModule(func(out **C.wasm_module_t) *C.wasmaot_error_t {
		return C.wasmaot_module_load(bytes, C.size_t(len(artifact)), nil, out)
	})
}

// LoadModuleFile is the same from a file, which is mapped, so that processes share the code: replace it by renaming,
// never write to it.
func LoadModuleFile(path string) (*Module, error) {
	var of texts
	defer of.free()
	text, err := of.add(path)
	if err != nil {
		return nil, err
	}
	return newModule(func(out **C.wasm_module_t) *C.wasmaot_error_t {
		return C.wasmaot_module_load_file(text, out)
	})
}

func newModule(make func(out **C.wasm_module_t) *C.wasmaot_error_t) (*Module, error) {
	var raw *C.wasm_module_t
	if err := takeError(make(&raw)); err != nil {
		return nil, err
	}
	return &Module{shared{raw: unsafe.Pointer(raw)}}, nil
}

// Close lets it go; its instances go on.
func (m *Module) Close() error {
	return m.close(func(raw unsafe.Pointer) { C.wasm_module_delete((*C.wasm_module_t)(raw)) })
}

// with does something that may run guests, whose host functions may close it.
func (m *Module) with(do func(module *C.wasm_module_t) error) error {
	var own *C.wasm_module_t
	err := m.use(func(raw unsafe.Pointer) error {
		own = C.wasm_module_copy((*C.wasm_module_t)(raw))
		return nil
	})
	if err != nil {
		return err
	}
	defer C.wasm_module_delete(own)
	return do(own)
}

// Serialize gives the artifact, for [LoadModule] on machines with the same kind of processor.
func (m *Module) Serialize() (artifact []byte, err error) {
	err = m.use(func(raw unsafe.Pointer) error {
		var bytes C.wasm_byte_vec_t
		C.wasm_module_serialize((*C.wasm_module_t)(raw), &bytes)
		if bytes.size == 0 {
			return lastError()
		}
		artifact = append(artifact, unsafe.Slice((*byte)(unsafe.Pointer(bytes.data)), int(bytes.size))...)
		C.wasm_byte_vec_delete(&bytes)
		return nil
	})
	return artifact, err
}

func newPort(module, name string, of *C.wasm_externtype_t) Port {
	port := Port{Module: module, Name: name, Kind: ExternKind(C.wasm_externtype_kind(of))}
	if port.Kind == FuncKind {
		port.Type = funcTypeOf(C.wasm_externtype_as_functype_const(of))
	}
	return port
}

// Imports are in the module's order.
func (m *Module) Imports() (imports []Port, err error) {
	err = m.use(func(raw unsafe.Pointer) error {
		var found C.wasm_importtype_vec_t
		C.wasm_module_imports((*C.wasm_module_t)(raw), &found)
		for _, one := range unsafe.Slice(found.data, int(found.size)) {
			module, name := nameOf(C.wasm_importtype_module(one)), nameOf(C.wasm_importtype_name(one))
			imports = append(imports, newPort(module, name, C.wasm_importtype_type(one)))
		}
		C.wasm_importtype_vec_delete(&found)
		return nil
	})
	return imports, err
}

// Exports are in the module's order.
func (m *Module) Exports() (exports []Port, err error) {
	err = m.use(func(raw unsafe.Pointer) error {
		var found C.wasm_exporttype_vec_t
		C.wasm_module_exports((*C.wasm_module_t)(raw), &found)
		for _, one := range unsafe.Slice(found.data, int(found.size)) {
			exports = append(exports, newPort("", nameOf(C.wasm_exporttype_name(one)), C.wasm_exporttype_type(one)))
		}
		C.wasm_exporttype_vec_delete(&found)
		return nil
	})
	return exports, err
}
