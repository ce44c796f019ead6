;; The half of a pair of modules that tail-call each other which owns the table.
(module $odd
  (type $t (func (param i64) (result i32)))
  (type $wide (func (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
  (table (export "table") 4 funcref)
  (func (export "odd") (type $t)
    (if (i64.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call_indirect (type $t) (i64.sub (local.get 0) (i64.const 1)) (i32.const 0)))
  (func (export "odd_wide") (type $wide)
    (if (i64.eqz (local.get 0)) (then (return (i64.const -1))))
    (return_call_indirect (type $wide) (i64.sub (local.get 0) (i64.const 1)) (local.get 1)
      (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7)
      (local.get 8) (i32.const 1))))
