(module
  (import "host" "swap" (func $swap (param i32 i64) (result i64 i32)))
  (func (export "rotate") (param i32 i64 f32) (result i64 i32 f32)
    (call $swap (local.get 0) (local.get 1))
    (local.get 2))
  (func (export "six") (param i32 i32 i32 i32 i32 i32) (result i32 i32 i32 i32 i32 i32)
    (local.get 5) (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)))
