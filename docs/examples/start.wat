(module
  (memory (export "memory") 1)
  (func $start (i32.store (i32.const 0x7fffffff) (i32.const 1)))
  (start $start))
