(module
  (import "host" "factor" (global $factor i32))
  (import "host" "total" (global $total (mut i64)))
  (global $calls (export "calls") (mut i32) (i32.const 0))
  (func (export "add") (param i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.set $total (i64.add (global.get $total)
      (i64.extend_i32_s (i32.mul (local.get 0) (global.get $factor)))))))
