;; A table entry that changes between functions of two types and none.
(module
  (type $one (func (result i32)))
  (type $two (func (param i64 f64) (result i64)))
  (table $t 1 funcref)
  (func $f (type $one) (i32.const 1))
  (func $g (type $two) (i64.add (local.get 0) (i64.const 2)))
  (elem declare func $f $g)
  (func (export "flip") (param i32)
    (loop
      (table.set $t (i32.const 0) (ref.func $f))
      (table.set $t (i32.const 0) (ref.func $g))
      (table.set $t (i32.const 0) (ref.null func))
      (table.fill $t (i32.const 0) (ref.func $g) (i32.const 1))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "one") (result i32) (call_indirect (type $one) (i32.const 0)))
  (func (export "two") (result i64)
    (call_indirect (type $two) (i64.const 5) (f64.const 1) (i32.const 0))))
