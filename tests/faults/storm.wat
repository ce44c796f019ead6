;; Starts threads one after the other while the host's calls fail now and then. An instance has a memory
;; and a table of its own. Whatever a failed start leaves behind adds up, until no thread starts any more:
;; a third of the last 300 must.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (memory 1 2)
  (table 1000 funcref)
  (export "memory" (memory 0))
  (export "table" (table 0))
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.atomic.store (i32.const 0) (i32.const 1)))
  (func (export "_start")
    (local $round i32)
    (local $started i32)
    (loop $next
      (i32.atomic.store (i32.const 0) (i32.const 0))
      (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0))
        (then
          (loop $until_it_ran
            (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 100000)))
            (br_if $until_it_ran (i32.eqz (i32.atomic.load (i32.const 0)))))
          (if (i32.ge_u (local.get $round) (i32.const 3700))
            (then (local.set $started (i32.add (local.get $started) (i32.const 1)))))))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $round) (i32.const 4000))))
    (if (i32.lt_u (local.get $started) (i32.const 100)) (then (unreachable)))))
