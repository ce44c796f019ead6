;; A program whose threads all use up their stacks; the first that traps ends it.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "host" "f" (func $f (param i32)))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (export "memory" (memory 0))
  (func $deep (param i32)
    (call $f (local.get 0)) (call $deep (local.get 0)) (call $f (local.get 0)))
  (func (export "wasi_thread_start") (param i32 i32)
    ;; Together: not before all have started.
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 0)) (i32.const 4))))
    (call $deep (local.get 1)))
  (func (export "_start") (local $i i32)
    (loop $next
      (drop (call $spawn (i32.const 300000)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 4))))
    (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))))
