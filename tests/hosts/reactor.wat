;; A reactor whose function starts threads: they add up what they are given.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "host" "on_thread" (func $on_thread (param i32)))
  (func (export "wasi_thread_start") (param $tid i32) (param $value i32)
    (call $on_thread (local.get $value))
    (drop (i32.atomic.rmw.add (i32.const 4) (local.get $value)))
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const -1))))
  ;; Threads for 1 to $count, and their sum; the number that was not to be had, when one was refused.
  (func (export "sum") (param $count i32) (result i32)
    (local $done i32)
    (i32.atomic.store (i32.const 0) (i32.const 0))
    (i32.atomic.store (i32.const 4) (i32.const 0))
    (local.set $done (local.get $count))
    (loop $start
      (if (i32.lt_s (call $spawn (local.get $done)) (i32.const 0))
        (then (return (i32.sub (i32.const 0) (local.get $done)))))
      (local.set $done (i32.sub (local.get $done) (i32.const 1)))
      (br_if $start (local.get $done)))
    (loop $wait
      (local.set $done (i32.atomic.load (i32.const 0)))
      (if (i32.lt_u (local.get $done) (local.get $count))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $done) (i64.const -1)))
          (br $wait))))
    (i32.atomic.load (i32.const 4)))
  ;; A thread that nobody waits for, which never ends.
  (func (export "leave") (drop (call $spawn (i32.const -1)))))
