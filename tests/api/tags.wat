(module
  (tag $t (export "t") (param i32))
  (memory (export "wide_memory") i64 1 100)
  (func (export "throw") (param i32) (throw $t (local.get 0))))
