;; Throws from deep in the stack, and past arguments that lie on the stack.
(module $thrower
  (tag $e (export "e") (param i32))
  (func $deep (export "deep") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 42))))
    (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "wide") (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
    (throw $e (i32.wrap_i64 (i64.add (local.get 0) (local.get 8))))))
