(module
  (import "host" "log" (func (param i32 f64)))
  (import "host" "limit" (global i64))
  (memory (export "memory") 2 16)
  (table (export "handlers") 3 funcref)
  (global (export "count") (mut i32) (i32.const 0))
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0)))
