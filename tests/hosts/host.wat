;; What every host of these tests calls.
(module
  (import "host" "back" (func $back (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "stop") (unreachable))
  (func $sink (export "sink") (param i32) (result i32)
    (i32.add (call $sink (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "spin") (drop (call $back (i32.const -1))) (loop (br 0)))
  ;; What the host gives for the number, and a thousand.
  (func (export "call") (param i32) (result i32)
    (i32.add (call $back (local.get 0)) (i32.const 1000)))
  ;; The same, caught by the guest: -7.
  (func (export "guarded") (param i32) (result i32)
    (try (result i32) (do (call $back (local.get 0))) (catch_all (i32.const -7)))))
