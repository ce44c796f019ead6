;; What only a stop ends.
(module
  (import "host" "ready" (func $ready))
  (memory 1 1 shared)
  (func (export "spin") (call $ready) (loop (br 0)))
  (func (export "wait") (call $ready)
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
