;; Puts its own function in a table that it imports.
(module
  (import "host" "table" (table 2 funcref))
  (elem (i32.const 1) $f)
  (func $f (export "f") (result i32) (i32.const 77)))
