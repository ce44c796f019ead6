;; Functions of the types of linked.wat, in another context.
(module
  (global $nothing (mut i64) (i64.const 0))
  (global $mine (mut i64) (i64.const 0x0fedcba987654321))
  (func $check
    (if (i64.ne (global.get $mine) (i64.const 0x0fedcba987654321)) (then (unreachable))))
  (func (export "one") (result i32) (call $check) (i32.const 5))
  (func (export "two") (param i64 f64) (result i64)
    (call $check) (i64.add (local.get 0) (i64.const 6)))
  (func (export "touch") (global.set $nothing (i64.const 1)) (global.set $mine (global.get $mine))))
