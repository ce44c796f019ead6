;; A program of threads that could give a function of a thread's to what it imports from.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "linked" "take" (func (param funcref)))
  (import "wasi" "thread-spawn" (func (param i32) (result i32)))
  (export "memory" (memory 0))
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "_start")))
