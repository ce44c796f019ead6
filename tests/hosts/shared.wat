;; A memory that several stores have.
(module
  (import "env" "memory" (memory 1 4 shared))
  (func (export "add") (param i32 i64) (result i64)
    (i64.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "wait") (param i32) (result i32)
    (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const -1))))
