package wasmaot

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// ErrBusy is for who uses a store that another goroutine uses, or a running program.
var ErrBusy = errors.New("wasmaot: the store is in use")

// ErrClosed is for who uses what was closed.
var ErrClosed = errors.New("wasmaot: used after it was closed")

// ErrorKind is what an [Error] is about.
type ErrorKind int

// The kinds of errors.
const (
	Malformed   ErrorKind = C.WASMAOT_ERROR_MALFORMED   // the bytes are not a module or an artifact
	Invalid     ErrorKind = C.WASMAOT_ERROR_INVALID     // the module decodes but fails validation
	Unsupported ErrorKind = C.WASMAOT_ERROR_UNSUPPORTED // beyond a limit or what the library offers
	Unlinkable  ErrorKind = C.WASMAOT_ERROR_UNLINKABLE  // an import or export is missing or has another type
	Refused     ErrorKind = C.WASMAOT_ERROR_REFUSED     // an artifact for another host, processor or version
	System      ErrorKind = C.WASMAOT_ERROR_SYSTEM      // the operating system said no, or memory is short
	Usage       ErrorKind = C.WASMAOT_ERROR_USAGE       // the arguments make no sense
)

// Error is why something could not be done.
type Error struct {
	Kind    ErrorKind
	Message string
	// Offset is where in the module or artifact, or -1.
	Offset int64
}

func (e *Error) Error() string {
	return "wasmaot: " + e.Message
}

func usage(format string, values ...any) error {
	return &Error{Usage, fmt.Sprintf(format, values...), -1}
}

// lastError is what the last function of the library that failed on this thread said.
func lastError() error {
	return &Error{
		ErrorKind(C.wasmaot_last_error_kind()),
		C.GoString(C.wasmaot_last_error_message()),
		-1,
	}
}

// takeError takes over what the library returned; NULL is success.
func takeError(err *C.wasmaot_error_t) error {
	if err == nil {
		return nil
	}
	defer C.wasmaot_error_delete(err)
	return &Error{
		ErrorKind(C.wasmaot_error_kind(err)),
		C.GoString(C.wasmaot_error_message(err)),
		int64(C.wasmaot_error_offset(err)), // UINT64_MAX is -1
	}
}

// TrapCode is why a call ended.
type TrapCode int

// The codes of traps.
const (
	Unreachable          TrapCode = C.WASMAOT_TRAP_UNREACHABLE
	MemoryOutOfBounds    TrapCode = C.WASMAOT_TRAP_MEMORY_OUT_OF_BOUNDS
	TableOutOfBounds     TrapCode = C.WASMAOT_TRAP_TABLE_OUT_OF_BOUNDS
	UndefinedElement     TrapCode = C.WASMAOT_TRAP_UNDEFINED_ELEMENT
	UninitializedElement TrapCode = C.WASMAOT_TRAP_UNINITIALIZED_ELEMENT
	IndirectCallType     TrapCode = C.WASMAOT_TRAP_INDIRECT_CALL_TYPE
	IntegerDivideByZero  TrapCode = C.WASMAOT_TRAP_INTEGER_DIVIDE_BY_ZERO
	IntegerOverflow      TrapCode = C.WASMAOT_TRAP_INTEGER_OVERFLOW
	InvalidConversion    TrapCode = C.WASMAOT_TRAP_INVALID_CONVERSION
	UnalignedAtomic      TrapCode = C.WASMAOT_TRAP_UNALIGNED_ATOMIC
	ExpectedSharedMemory TrapCode = C.WASMAOT_TRAP_EXPECTED_SHARED_MEMORY
	NullReference        TrapCode = C.WASMAOT_TRAP_NULL_REFERENCE
	StackExhausted       TrapCode = C.WASMAOT_TRAP_STACK_EXHAUSTED
	HostTrap             TrapCode = C.WASMAOT_TRAP_HOST        // a host function's, an exit, or the library's own
	Interrupted          TrapCode = C.WASMAOT_TRAP_INTERRUPTED // the context ended
	NullFunction         TrapCode = C.WASMAOT_TRAP_NULL_FUNCTION
	UncaughtException    TrapCode = C.WASMAOT_TRAP_UNCAUGHT_EXCEPTION
	NullException        TrapCode = C.WASMAOT_TRAP_NULL_EXCEPTION
	SystemTrap           TrapCode = C.WASMAOT_TRAP_SYSTEM // the system refused a thread for the program
)

// Trap is how a call ended that did not return.
type Trap struct {
	Code    TrapCode
	Message string
	// Frames are what was being executed, innermost first; at most 64, and FramesDropped beyond those at least.
	Frames        []Frame
	FramesDropped int
	// Exited tells that the program ended itself (proc_exit), with ExitStatus.
	Exited     bool
	ExitStatus int
	cause      error
}

func (t *Trap) Error() string {
	return "wasmaot: " + t.Message
}

// Unwrap is the context's error when it ended the call.
func (t *Trap) Unwrap() error {
	return t.cause
}

// Exit is an error that ends the program with a status when a host function returns it.
func Exit(status int) error {
	return &Trap{
		Code:       HostTrap,
		Message:    fmt.Sprintf("exited with status %d", status),
		Exited:     true,
		ExitStatus: status,
	}
}

// Frame is a function that was being executed.
type Frame struct {
	Function string // its name, "" when unknown
	Index    uint32 // in its module
	Module   string // its name, "" when unknown
	File     string // of the source, "" unless debug information was kept
	Line     uint32
}

// String is "level_three in app (src/app.c:12)".
func (f Frame) String() string {
	var text strings.Builder
	text.WriteString(f.Function)
	if f.Function == "" {
		fmt.Fprintf(&text, "function %d", f.Index)
	}
	if f.Module != "" {
		text.WriteString(" in " + f.Module)
	}
	if f.File != "" {
		fmt.Fprintf(&text, " (%s:%d)", f.File, f.Line)
	}
	return text.String()
}

// takeTrap takes over a trap of the library's.
func takeTrap(trap *C.wasm_trap_t) *Trap {
	defer C.wasm_trap_delete(trap)
	var message C.wasm_message_t
	C.wasm_trap_message(trap, &message)
	var status C.int
	exited := bool(C.wasmaot_trap_exit_status(trap, &status))
	taken := &Trap{
		Code:          TrapCode(C.wasmaot_trap_code(trap)),
		Message:       strings.TrimSuffix(nameOf(&message), "\x00"),
		FramesDropped: int(C.wasmaot_trap_frames_dropped(trap)),
		Exited:        exited,
		ExitStatus:    int(status),
	}
	C.wasm_byte_vec_delete(&message)
	var frames C.wasm_frame_vec_t
	C.wasm_trap_trace(trap, &frames)
	for _, frame := range unsafe.Slice(frames.data, int(frames.size)) {
		taken.Frames = append(taken.Frames, Frame{
			Function: C.GoString(C.wasmaot_frame_func_name(frame)),
			Index:    uint32(C.wasm_frame_func_index(frame)),
			Module:   C.GoString(C.wasmaot_frame_module_name(frame)),
			File:     C.GoString(C.wasmaot_frame_file(frame)),
			Line:     uint32(C.wasmaot_frame_line(frame)),
		})
	}
	C.wasm_frame_vec_delete(&frames)
	return taken
}

// newTrap is a trap of the library's for an error of a host function's.
func newTrap(err error) *C.wasm_trap_t {
	var trap *Trap
	if errors.As(err, &trap) && trap.Exited {
		return C.wasmaot_trap_new_exit(C.int(trap.ExitStatus))
	}
	text := C.CString(err.Error())
	defer C.free(unsafe.Pointer(text))
	var message C.wasm_message_t
	C.wasm_name_new_from_string(&message, text)
	made := C.wasm_trap_new(nil, &message)
	C.wasm_byte_vec_delete(&message)
	return made
}

// texts are C's, to be freed together.
type texts []*C.char

func (t *texts) add(text string) (*C.char, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, usage("a name or path with a NUL in it: %q", text)
	}
	made := C.CString(text)
	*t = append(*t, made)
	return made, nil
}

func (t *texts) free() {
	for _, text := range *t {
		C.free(unsafe.Pointer(text))
	}
}

func nameOf(name *C.wasm_name_t) string {
	return C.GoStringN(name.data, C.int(name.size))
}
