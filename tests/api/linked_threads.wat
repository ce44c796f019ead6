;; A program whose threads all call the one instance of linked.wat that it imports from.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "linked" "call" (func $call (param i32)))
  (import "linked" "write" (func $write (param i32)))
  (import "linked" "keep" (func $keep (param i32)))
  (import "linked" "grow" (func $grow (param i32)))
  (import "linked" "init" (func $init (param i32)))
  (import "linked" "throw" (func $throw (param i32)))
  (import "host" "rounds" (func $rounds (result i32)))
  (import "host" "meanwhile" (func $meanwhile (result i32)))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (export "memory" (memory 0))
  (table 6 6 funcref)
  (elem (i32.const 0) $call $write $keep $grow $init $throw)
  (func (export "wasi_thread_start") (param $tid i32) (param $role i32)
    (call_indirect (param i32) (call $rounds) (i32.rem_u (local.get $role) (i32.const 6)))
    (drop (i32.atomic.rmw.sub (i32.const 0) (i32.const 1))))
  ;; Memory 0: how many threads have not ended. The host acts all the while, or says that it is
  ;; enough.
  (func (export "_start") (local $role i32)
    (i32.atomic.store (i32.const 0) (i32.const 12))
    (loop $next
      (if (i32.lt_s (call $spawn (local.get $role)) (i32.const 1)) (then (unreachable)))
      (br_if $next (i32.lt_u (local.tee $role (i32.add (local.get $role) (i32.const 1)))
        (i32.const 12))))
    (loop $wait
      (if (call $meanwhile) (then (return)))
      (br_if $wait (i32.atomic.load (i32.const 0))))))
