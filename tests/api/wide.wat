;; As small.wat, with more memory and a variable.
(module
  (memory (export "memory") 3)
  (global (export "variable") (mut i32) (i32.const 11))
  (func (export "run") (param i32) (result i32) (i32.load8_u (local.get 0))))
