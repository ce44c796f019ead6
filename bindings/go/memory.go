package wasmaot

// #include "shim.h"
import "C"

import (
	"io"
	"math"
	"unsafe"
)

// Memory is a memory of a guest or of the host. It is copied from and to: what another thread writes to a shared one at
// the same time may be in a copy in part.
type Memory struct {
	handle
}

func newMemoryType(min uint64, max uint64, shared bool) (*C.wasm_memorytype_t, error) {
	limits := C.wasmaot_limits_t{min: C.uint64_t(min), max: C.uint64_t(max), shared: C.bool(shared)}
	made := C.wasmaot_memorytype_new(&limits)
	if made == nil {
		return nil, lastError()
	}
	return made, nil
}

func (s *Store) newMemory(raw *C.wasm_memory_t) (*Memory, error) {
	h, err := s.keep(unsafe.Pointer(raw), func(raw unsafe.Pointer) {
		C.wasm_extern_delete(C.wasm_memory_as_extern((*C.wasm_memory_t)(raw)))
	})
	if err != nil {
		return nil, err
	}
	m := &Memory{h}
	m.register()
	return m, nil
}

// NewMemory makes one of the host's own, in pages of 64 KiB. A maximum of 0 is none.
func NewMemory(store *Store, min, max uint64) (*Memory, error) {
	if max == 0 {
		max = math.MaxUint64
	}
	var made *Memory
	err := store.enter(func() error {
		of, err := newMemoryType(min, max, false)
		if err != nil {
			return err
		}
		defer C.wasm_memorytype_delete(of)
		made, err = store.newMemory(C.wasm_memory_new(store.raw, of))
		return err
	})
	return made, err
}

func (m *Memory) use(do func(memory *C.wasm_memory_t) error) error {
	return m.store.enter(func() error {
		raw, err := m.of(m.store)
		if err != nil {
			return err
		}
		return do((*C.wasm_memory_t)(raw))
	})
}

// Size is its bytes at this moment.
func (m *Memory) Size() (size uint64, err error) {
	err = m.use(func(memory *C.wasm_memory_t) error {
		size = uint64(C.wasm_memory_data_size(memory))
		return nil
	})
	return size, err
}

// Grow is by pages of the memory's own size, mostly 64 KiB; it gives how many there were.
func (m *Memory) Grow(pages uint64) (old uint64, err error) {
	err = m.use(func(memory *C.wasm_memory_t) error {
		old = uint64(C.wasmaot_memory_grow(memory, C.uint64_t(pages)))
		if old == math.MaxUint64 {
			old = 0
			return lastError()
		}
		return nil
	})
	return old, err
}

// ReadAt copies out of it, as [io.ReaderAt] says.
func (m *Memory) ReadAt(to []byte, offset int64) (n int, err error) {
	err = m.use(func(memory *C.wasm_memory_t) error {
		data := (*C.uint8_t)(unsafe.Pointer(C.wasm_memory_data(memory)))
		n, err = readAt(data, C.wasm_memory_data_size(memory), to, offset)
		return err
	})
	return n, err
}

// WriteAt copies into it, or nothing where it ends before.
func (m *Memory) WriteAt(from []byte, offset int64) (n int, err error) {
	err = m.use(func(memory *C.wasm_memory_t) error {
		data := (*C.uint8_t)(unsafe.Pointer(C.wasm_memory_data(memory)))
		n, err = writeAt(data, C.wasm_memory_data_size(memory), from, offset)
		return err
	})
	return n, err
}

// at is the place of some bytes that are there, of which there is one at least.
func at(data *C.uint8_t, offset int64) *C.uint8_t {
	return (*C.uint8_t)(unsafe.Add(unsafe.Pointer(data), offset))
}

func readAt(data *C.uint8_t, size C.size_t, to []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, usage("a negative offset")
	}
	n := len(to)
	if uint64(offset) >= uint64(size) {
		n = 0
	} else if left := uint64(size) - uint64(offset); uint64(n) > left {
		n = int(left)
	}
	if n > 0 {
		C.wasmaot_go_copy_out((*C.uint8_t)(&to[0]), at(data, offset), C.size_t(n))
	}
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}

func writeAt(data *C.uint8_t, size C.size_t, from []byte, offset int64) (int, error) {
	if offset < 0 || uint64(offset) > uint64(size) || uint64(len(from)) > uint64(size)-uint64(offset) {
		return 0, usage("%d bytes at %d of a memory of %d", len(from), offset, uint64(size))
	}
	if len(from) > 0 {
		C.wasmaot_go_copy_in(at(data, offset), (*C.uint8_t)(&from[0]), C.size_t(len(from)))
	}
	return len(from), nil
}

// SharedMemory is a memory that belongs to no store: stores on several threads import the same one. For all goroutines
// at once.
type SharedMemory struct {
	shared
}

// NewSharedMemory is in pages of 64 KiB.
func NewSharedMemory(engine *Engine, min, max uint64) (*SharedMemory, error) {
	made := &SharedMemory{}
	err := engine.use(func(raw unsafe.Pointer) error {
		of, err := newMemoryType(min, max, true)
		if err != nil {
			return err
		}
		defer C.wasm_memorytype_delete(of)
		var memory *C.wasmaot_sharedmemory_t
		err = takeError(C.wasmaot_sharedmemory_new((*C.wasm_engine_t)(raw), of, &memory))
		made.raw = unsafe.Pointer(memory)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Close lets it go: it ends with the last store that uses it.
func (m *SharedMemory) Close() error {
	return m.close(func(raw unsafe.Pointer) { C.wasmaot_sharedmemory_delete((*C.wasmaot_sharedmemory_t)(raw)) })
}

// Obtain is the memory as an object of a store, to import it.
func (m *SharedMemory) Obtain(store *Store) (*Memory, error) {
	var memory *Memory
	err := store.enter(func() error {
		return m.use(func(raw unsafe.Pointer) (err error) {
			memory, err = store.newMemory(C.wasmaot_sharedmemory_obtain(store.raw, (*C.wasmaot_sharedmemory_t)(raw)))
			return err
		})
	})
	return memory, err
}

func (m *SharedMemory) bytes(do func(data *C.uint8_t, size C.size_t) (int, error)) (n int, err error) {
	err = m.use(func(raw unsafe.Pointer) error {
		memory := (*C.wasmaot_sharedmemory_t)(raw)
		n, err = do(C.wasmaot_sharedmemory_data(memory), C.wasmaot_sharedmemory_data_size(memory))
		return err
	})
	return n, err
}

// Size is its bytes at this moment.
func (m *SharedMemory) Size() (uint64, error) {
	size, err := m.bytes(func(_ *C.uint8_t, size C.size_t) (int, error) { return int(size), nil })
	return uint64(size), err
}

// ReadAt copies out of it, as [io.ReaderAt] says, in no order that other threads could rely on.
func (m *SharedMemory) ReadAt(to []byte, offset int64) (int, error) {
	return m.bytes(func(data *C.uint8_t, size C.size_t) (int, error) { return readAt(data, size, to, offset) })
}

// WriteAt copies into it, or nothing where it ends before, in no order that other threads could rely on.
func (m *SharedMemory) WriteAt(from []byte, offset int64) (int, error) {
	return m.bytes(func(data *C.uint8_t, size C.size_t) (int, error) { return writeAt(data, size, from, offset) })
}
