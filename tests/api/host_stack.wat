;; Calls of a host function, deep down and in every way. Each that is named for a way calls itself
;; until the stack is used up, and the host's function, with its argument, before and after.
(module
  (type $f (func (param i32)))
  (import "host" "f" (func $f (param i32)))
  (tag $e (param i32))
  (table 1 funcref)
  (elem (i32.const 0) $f)
  (func $once (export "once") (param i32) (call $f (local.get 0)))
  (func $direct (export "direct") (param i32)
    (call $f (local.get 0)) (call $direct (local.get 0)) (call $f (local.get 0)))
  (func $indirect (export "indirect") (param i32)
    (call_indirect (type $f) (local.get 0) (i32.const 0))
    (call $indirect (local.get 0))
    (call_indirect (type $f) (local.get 0) (i32.const 0)))
  ;; The tail call's caller has another area of arguments on the stack than its callee.
  (func $behind (param i32 i64 i64 i64 i64 i64 i64 i64 i64 i64) (return_call $f (local.get 0)))
  (func $tail (export "tail") (param i32)
    (call $behind (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
      (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9))
    (call $tail (local.get 0)) (call $f (local.get 0)))
  (func $tail_indirect (param i32 i64 i64 i64 i64 i64 i64 i64)
    (return_call_indirect (type $f) (local.get 0) (i32.const 0)))
  (func $tails (export "tail_indirect") (param i32)
    (call $tail_indirect (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
      (i64.const 5) (i64.const 6) (i64.const 7))
    (call $tails (local.get 0)) (call $f (local.get 0)))
  ;; No handler catches a trap, and what is thrown on the way finds its own.
  (func $caught (export "caught") (param i32)
    (try
      (do
        (try
          (do (call $f (local.get 0)) (throw $e (local.get 0)))
          (catch $e (drop)))
        (call $caught (local.get 0)) (call $f (local.get 0)))
      (catch_all)))
  ;; Whether a handler further up still finds what is thrown below a call of the host.
  (func $thrower (param i32) (call $f (local.get 0)) (throw $e (i32.const 42)))
  (func (export "throws") (param i32) (result i32)
    (try (result i32) (do (call $thrower (local.get 0)) (i32.const 0)) (catch $e))))
