;; Starts two threads, waits for them; they loop for ever.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "host" "started" (func $started))
  (func (export "wasi_thread_start") (param i32 i32)
    (call $started)
    (loop $for_ever
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (br $for_ever)))
  (func (export "_start")
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))
