(module
  (import "host" "report" (func $report (param i32 i32)))
  (global $id (import "host" "id") i32)
  (func (export "run") (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                              (i32.const 1000))))
    (call $report (global.get $id) (local.get $sum))))
