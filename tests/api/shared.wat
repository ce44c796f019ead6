;; Adds to a counter in a memory of several stores.
(module
  (import "host" "memory" (memory 1 4 shared))
  (func (export "add") (param i32)
    (loop
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0)))))
