;; A shared memory of 64-bit index, grown page by page by two threads while four others read, write,
;; fill, copy and wait at its end, wherever that is. Each page must go to one grower, be zero, and
;; keep what was written. Traps when something is not as it should be.
;; In page 0: 0 threads that have begun, 4 that have ended, 8 whether to stop.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory i64 1 600 shared))
  (export "memory" (memory 0))

  (func $expect (param i32)
    (if (i32.eqz (local.get 0)) (then (unreachable))))

  ;; Writes each new page's number at its start.
  (func $grow_all
    (local $page i64)
    (block $full
      (loop $next
        (local.set $page (memory.grow (i64.const 1)))
        (br_if $full (i64.eq (local.get $page) (i64.const -1)))
        (call $expect (i64.gt_u (memory.size) (local.get $page)))
        (call $expect (i64.eqz (i64.load (i64.shl (local.get $page) (i64.const 16)))))
        (i64.store (i64.shl (local.get $page) (i64.const 16)) (local.get $page))
        (br $next))))

  ;; 64 bytes near the end that are this thread's alone.
  (func $place (param $which i32) (result i64)
    (i64.sub (i64.shl (memory.size) (i64.const 16))
      (i64.shl (i64.extend_i32_u (i32.add (local.get $which) (i32.const 1))) (i64.const 6))))

  (func $write_and_read (param $at i64)
    (i64.store offset=56 (local.get $at) (local.get $at))
    (call $expect (i64.eq (i64.load offset=56 (local.get $at)) (local.get $at)))
    (i32.store8 offset=3 (local.get $at) (i32.const 0x85))
    (call $expect (i32.eq (i32.load8_s offset=3 (local.get $at)) (i32.const -123))))

  (func $fill_and_copy (param $at i64)
    (memory.fill (local.get $at) (i32.const 7) (i64.const 64))
    (memory.copy (i64.const 1024) (local.get $at) (i64.const 64))
    (call $expect (i32.eq (i32.load8_u (i64.const 1087)) (i32.const 7))))

  ;; Longer than what is emitted as plain loads and stores.
  (func $copy_page (param $at i64)
    (memory.copy (i64.const 4096) (i64.sub (local.get $at) (i64.const 50000)) (i64.const 50000)))

  (func $wait_and_notify (param $at i64)
    (call $expect (i32.eq (i32.const 1)
      (memory.atomic.wait32 offset=8 (local.get $at) (i32.const 12345) (i64.const 1000))))
    (call $expect (i32.eq (i32.const 2)
      (memory.atomic.wait64 offset=8 (local.get $at) (i64.const 0) (i64.const 1000))))
    (call $expect (i32.eqz (memory.atomic.notify offset=8 (local.get $at) (i32.const 1)))))

  (func $once (param $which i32) (param $at i64)
    (block $wait (block $copy (block $fill (block $write
      (br_table $write $fill $copy $wait (local.get $which)))
      (return (call $write_and_read (local.get $at))))
      (return (call $fill_and_copy (local.get $at))))
      (return (call $copy_page (local.get $at))))
    (call $wait_and_notify (local.get $at)))

  (func (export "wasi_thread_start") (param $tid i32) (param $which i32)
    (drop (i32.atomic.rmw.add (i64.const 0) (i32.const 1)))
    (if (i32.eq (local.get $which) (i32.const 4))
      (then (call $grow_all))
      (else
        (loop $next
          (call $once (local.get $which) (call $place (local.get $which)))
          (br_if $next (i32.eqz (i32.atomic.load (i64.const 8)))))))
    (drop (i32.atomic.rmw.add (i64.const 4) (i32.const 1))))

  (func $wait_for_five (param $word i64)
    (local $count i32)
    (loop $again
      (local.set $count (i32.atomic.load (local.get $word)))
      (drop (memory.atomic.wait32 (local.get $word) (local.get $count) (i64.const 100000)))
      (br_if $again (i32.lt_u (local.get $count) (i32.const 5)))))

  (func (export "_start")
    (local $i i32)
    (local $page i64)
    (loop $spawn_next
      (call $expect (i32.gt_s (call $spawn (local.get $i)) (i32.const 0)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $spawn_next (i32.lt_u (local.get $i) (i32.const 5))))
    (call $wait_for_five (i64.const 0))
    (call $grow_all)
    (i32.atomic.store (i64.const 8) (i32.const 1))
    (call $wait_for_five (i64.const 4))
    (call $expect (i64.eq (memory.size) (i64.const 600)))
    (loop $next_page
      (local.set $page (i64.add (local.get $page) (i64.const 1)))
      (call $expect (i64.eq (local.get $page)
        (i64.load (i64.shl (local.get $page) (i64.const 16)))))
      (br_if $next_page (i64.lt_u (local.get $page) (i64.const 599))))))
