;; Tail calls of functions that are compiled when they are called, with fewer and with more arguments
;; on the stack than the caller's own.
(module
  (type $unary (func (param i32) (result i32)))
  (func $few (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i32 v128 v128 v128 v128 v128 v128
    v128 v128 v128 v128 v128) (result i32)
    (return_call $few
      (i32.add (local.get 11) (i32.wrap_i64 (i64x2.extract_lane 1 (local.get 22))))
      (i32.wrap_i64 (local.get 10))))
  (func $some (param i64 i64 i64 i64 i64 i64 i64 i64) (result i32)
    (return_call $many (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
      (local.get 5) (local.get 6) (local.get 7) (i64.const 9) (i64.const 10) (i64.const 11)
      (i32.wrap_i64 (local.get 7)) (v128.const i64x2 0 0) (v128.const i64x2 0 0)
      (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)
      (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)
      (v128.const i64x2 0 500)))
  (func (export "tail") (type $unary)
    (i32.add (local.get 0) (call $some (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
      (i64.const 5) (i64.const 6) (i64.const 7) (i64.extend_i32_u (local.get 0))))))
