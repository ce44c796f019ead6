(module
  (import "host" "refuse" (func $refuse))
  (func $inner (param i32) (result i32)
    (i32.div_s (i32.const 100) (local.get 0)))
  (func $outer (export "divide") (param i32) (result i32)
    (i32.add (i32.const 1) (call $inner (local.get 0))))
  (func (export "refuse") (call $refuse)))
