;; Reads the memory of another module.
(module
  (import "other" "memory" (memory 1))
  (func (export "run") (param i32) (result i32) (i32.load8_u (local.get 0))))
