;; small.wat with a memory that cannot grow far.
(module
  (memory (export "memory") 1 16)
  (data (i32.const 16) "hello")
  (func (export "run") (param i32) (result i32) (i32.load8_u (local.get 0))))
