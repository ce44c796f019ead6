(module
  (import "host" "f" (func $f (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $start (drop (call $f (i32.const 9))))
  (start $start))
