(module
  (type $unary (func (param i32) (result i32)))
  (table (export "table") 2 6 funcref)
  (elem (i32.const 0) $double $square)
  (func $double (export "double") (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func (export "call") (param $which i32) (param $value i32) (result i32)
    (call_indirect (type $unary) (local.get $value) (local.get $which))))
