;; Loops over one memory, $used, beside which there may be another. The test declares them, and says
;; how an address is made of a number of 32 bits: (@at NUMBER).
(module
  @declared

  (func $fill (param $p i32) (param $n i32) (local $i i32)
    (loop $next
      (i32.store $used (@at (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))
        (i32.mul (local.get $i) (i32.const 0x9e3779b1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))

  (func $sum (param $p i32) (param $n i32) (result i64) (local $s i64)
    (loop $next
      (local.set $s (i64.add (local.get $s) (i64.load32_u $used (@at (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))

  (func $scale (param $p i32) (param $q i32) (param $n i32)
    (loop $next
      (i32.store $used offset=16 (@at (local.get $q))
        (i32.add (i32.load $used offset=16 (@at (local.get $q)))
          (i32.mul (i32.load $used (@at (local.get $p))) (i32.const 3))))
      (i32.store $used offset=20 (@at (local.get $q))
        (i32.add (i32.load $used offset=20 (@at (local.get $q)))
          (i32.mul (i32.load $used offset=4 (@at (local.get $p))) (i32.const 5))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (local.set $q (i32.add (local.get $q) (i32.const 8)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $copy (param $p i32) (param $q i32) (param $n i32)
    (loop $next
      (i32.store8 $used (@at (local.get $q)) (i32.load8_u $used (@at (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $q (i32.add (local.get $q) (i32.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $find (param $p i32) (param $byte i32) (result i64)
    (block $end
      (loop $next
        (br_if $end (i32.eq (i32.load8_u $used (@at (local.get $p))) (local.get $byte)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $next)))
    (i64.extend_i32_u (local.get $p)))

  (func $vectors (param $p i32) (param $n i32)
    (loop $next
      (v128.store $used (@at (local.get $p))
        (i16x8.add (v128.load $used (@at (local.get $p))) (i16x8.splat (local.get $n))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $bulk (param $p i32) (param $n i32)
    (memory.fill $used (@at (local.get $p)) (i32.const 0x5a) (@at (local.get $n)))
    (memory.copy $used $used (@at (i32.add (local.get $p) (local.get $n))) (@at (local.get $p))
      (@at (local.get $n)))
    (drop (memory.grow $used (@at (i32.const 1))))
    (drop (memory.size $used)))

  (func (export "run") (result i64 i64 i64 i64 i64)
    (call $fill (i32.const 256) (i32.const 1001))
    (call $sum (i32.const 256) (i32.const 1001))
    (call $scale (i32.const 256) (i32.const 8192) (i32.const 333))
    (call $sum (i32.const 8192) (i32.const 700))
    (call $copy (i32.const 256) (i32.const 16384) (i32.const 999))
    (call $vectors (i32.const 16384) (i32.const 50))
    (call $sum (i32.const 16384) (i32.const 300))
    (call $bulk (i32.const 30000) (i32.const 1000))
    (call $sum (i32.const 29996) (i32.const 502))
    (call $find (i32.const 20000) (i32.const 0x5a)))
  (func (export "trap") (result i64)
    (call $fill (i32.const 60000) (i32.const 0x40000000))
    (i64.const 0)))
