package wasmaot

// #include "shim.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unsafe"
)

// ValType is the type of a value.
type ValType uint8

// The types of values. Numbers alone can be passed from and to Go.
const (
	I32       ValType = C.WASM_I32
	I64       ValType = C.WASM_I64
	F32       ValType = C.WASM_F32
	F64       ValType = C.WASM_F64
	V128      ValType = C.WASMAOT_V128
	ExternRef ValType = C.WASM_EXTERNREF
	FuncRef   ValType = C.WASM_FUNCREF
	ExnRef    ValType = C.WASMAOT_EXNREF
)

var valTypeNames = map[ValType]string{
	I32: "i32", I64: "i64", F32: "f32", F64: "f64", V128: "v128", ExternRef: "externref", FuncRef: "funcref",
	ExnRef: "exnref",
}

func (t ValType) String() string {
	return valTypeNames[t]
}

// cells that a value takes.
func (t ValType) cells() int {
	if t == V128 {
		return 2
	}
	return 1
}

// FuncType is what a function takes and gives.
type FuncType struct {
	Params, Results []ValType
}

// String is "(i32, f64) -> (i64)".
func (t FuncType) String() string {
	names := func(types []ValType) string {
		var found []string
		for _, of := range types {
			found = append(found, of.String())
		}
		return "(" + strings.Join(found, ", ") + ")"
	}
	return names(t.Params) + " -> " + names(t.Results)
}

// cells that a call takes.
func (t FuncType) cells() int {
	count := func(types []ValType) (cells int) {
		for _, of := range types {
			cells += of.cells()
		}
		return cells
	}
	params, results := count(t.Params), count(t.Results)
	if results > params {
		return results
	}
	return params
}

func (t FuncType) checkNumbers() error {
	for _, types := range [][]ValType{t.Params, t.Results} {
		for _, of := range types {
			if of > V128 {
				return usage("a function with references, %v, cannot be called from Go", t)
			}
		}
	}
	return nil
}

// newFuncType is the library's, to be deleted.
func newFuncType(t FuncType) (*C.wasm_functype_t, error) {
	if err := t.checkNumbers(); err != nil {
		return nil, err
	}
	vector := func(types []ValType) (vector C.wasm_valtype_vec_t) {
		C.wasm_valtype_vec_new_uninitialized(&vector, C.size_t(len(types)))
		places := unsafe.Slice(vector.data, int(vector.size))
		for i := range places {
			places[i] = C.wasm_valtype_new(C.wasm_valkind_t(types[i]))
		}
		return vector
	}
	params, results := vector(t.Params), vector(t.Results)
	made := C.wasm_functype_new(&params, &results)
	if made == nil {
		return nil, lastError()
	}
	return made, nil
}

func funcTypeOf(found *C.wasm_functype_t) FuncType {
	types := func(of *C.wasm_valtype_vec_t) (types []ValType) {
		for _, one := range unsafe.Slice(of.data, int(of.size)) {
			types = append(types, ValType(C.wasm_valtype_kind(one)))
		}
		return types
	}
	return FuncType{types(C.wasm_functype_params(found)), types(C.wasm_functype_results(found))}
}

// put has cells hold a value of a type of numbers. i32 and f32 are in the low half of one.
func put(cells []uint64, of ValType, value any) error {
	switch v := value.(type) {
	case int32:
		if of == I32 {
			cells[0] = uint64(uint32(v))
			return nil
		}
	case uint32:
		if of == I32 {
			cells[0] = uint64(v)
			return nil
		}
	case int64:
		if of == I64 {
			cells[0] = uint64(v)
			return nil
		}
	case uint64:
		if of == I64 {
			cells[0] = v
			return nil
		}
	case int: // what constants are
		if of == I64 {
			cells[0] = uint64(v)
			return nil
		}
		if of == I32 && v >= math.MinInt32 && v <= math.MaxUint32 {
			cells[0] = uint64(uint32(v))
			return nil
		}
	case float32:
		if of == F32 {
			cells[0] = uint64(math.Float32bits(v))
			return nil
		}
	case float64:
		if of == F64 {
			cells[0] = math.Float64bits(v)
			return nil
		}
	case [16]byte:
		if of == V128 {
			cells[0] = binary.LittleEndian.Uint64(v[:8])
			cells[1] = binary.LittleEndian.Uint64(v[8:])
			return nil
		}
	}
	return usage("%v of type %T where %v is needed", value, value, of)
}

func putAll(cells []uint64, types []ValType, values []any) error {
	if len(types) != len(values) {
		return usage("%d values where %d are needed", len(values), len(types))
	}
	for i, of := range types {
		if err := put(cells, of, values[i]); err != nil {
			return err
		}
		cells = cells[of.cells():]
	}
	return nil
}

// take is a value of a type of numbers.
func take(cells []uint64, of ValType) any {
	switch of {
	case I32:
		return int32(cells[0])
	case I64:
		return int64(cells[0])
	case F32:
		return math.Float32frombits(uint32(cells[0]))
	case F64:
		return math.Float64frombits(cells[0])
	case V128:
		var v [16]byte
		binary.LittleEndian.PutUint64(v[:8], cells[0])
		binary.LittleEndian.PutUint64(v[8:], cells[1])
		return v
	}
	panic(fmt.Sprintf("wasmaot: %v was taken for a number", of))
}

func takeAll(cells []uint64, types []ValType) []any {
	values := make([]any, len(types))
	for i, of := range types {
		values[i] = take(cells, of)
		cells = cells[of.cells():]
	}
	return values
}

// Result is the only result of a call, as one type of Go: Result[int32](add.Call(ctx, 40, 2)).
func Result[T int32 | uint32 | int64 | uint64 | float32 | float64 | [16]byte](results []any, err error) (T, error) {
	var result T
	if err != nil {
		return result, err
	}
	if len(results) == 1 {
		switch to := any(&result).(type) {
		case *uint32:
			if from, is := results[0].(int32); is {
				*to = uint32(from)
				return result, nil
			}
		case *uint64:
			if from, is := results[0].(int64); is {
				*to = uint64(from)
				return result, nil
			}
		}
		if found, is := results[0].(T); is {
			return found, nil
		}
	}
	return result, usage("results %v where one of type %T is needed", results, result)
}
