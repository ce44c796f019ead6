;; Calls through one table, $used, beside which there may be another; no memory. The test declares
;; them.
(module
  @declared
  (type $step (func (param i64) (result i64)))
  (elem (table $used) (i32.const 1) func $double $third)
  (func $double (param $x i64) (result i64) (i64.shl (local.get $x) (i64.const 1)))
  (func $third (param $x i64) (result i64) (i64.div_u (local.get $x) (i64.const 3)))
  (func (export "run") (result i64) (local $i i32) (local $x i64)
    (local.set $x (i64.const 1))
    (loop $next
      (local.set $x (i64.add (i64.const 1) (call_indirect $used (type $step) (local.get $x)
        (i32.add (i32.const 1) (i32.rem_u (local.get $i) (i32.const 2))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (local.get $x))
  (func (export "trap") (result i64)
    (call_indirect $used (type $step) (i64.const 0) (i32.const 0))))
