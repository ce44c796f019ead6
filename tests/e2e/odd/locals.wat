;; Loops over locals and globals: no function here knows of a memory or a table.
(module
  (global $left (mut i32) (i32.const 0))
  (global $total (mut i64) (i64.const 0))
  (global $lanes (mut v128) (v128.const i32x4 1 2 3 4))

  ;; Vectorised, with a store behind the loop.
  (func $count_down (param $n i32) (result i32)
    (global.set $left (local.get $n))
    (loop $next
      (if (i32.eqz (global.get $left)) (then unreachable))
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      (br_if $next (global.get $left)))
    (global.get $left))

  (func $sum (param $n i32) (result i64) (local $i i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s)
        (i32.xor (i32.mul (local.get $i) (local.get $i)) (i32.shr_u (local.get $i) (i32.const 3)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $s)))

  (func $sum_into_global (param $n i32) (result i64) (local $i i32)
    (loop $next
      (global.set $total (i64.add (global.get $total)
        (i64.mul (i64.extend_i32_s (local.get $i)) (i64.const 7))))
      (local.set $i (i32.add (local.get $i) (i32.const 3)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.get $total))

  (func $most (param $n i32) (result i64) (local $i i32) (local $most i32) (local $x i32)
    (loop $next
      (local.set $x (i32.and (i32.mul (local.get $i) (i32.const 0x9e3779b1)) (i32.const 0xffffff)))
      (local.set $most (select (local.get $x) (local.get $most)
        (i32.gt_s (local.get $x) (local.get $most))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $most)))

  (func $floats (param $n i32) (result i64) (local $s f64) (local $x f32)
    (loop $next
      (local.set $x (f32.add (local.get $x) (f32.const 0.25)))
      (local.set $s (f64.add (local.get $s) (f64.promote_f32 (f32.mul (local.get $x) (local.get $x)))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.reinterpret_f64 (local.get $s)))

  (func $vectors (param $n i32) (result i64) (local $v v128) (local $w v128)
    (local.set $v (global.get $lanes))
    (loop $next
      (local.set $w (i32x4.add (local.get $w) (i32x4.mul (local.get $v) (local.get $v))))
      (local.set $v (i32x4.add (local.get $v) (i32x4.splat (local.get $n))))
      (local.set $w (v128.xor (local.get $w)
        (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $w) (local.get $v))))
      (global.set $lanes (local.get $w))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.xor (i64x2.extract_lane 0 (global.get $lanes)) (i64x2.extract_lane 1 (global.get $lanes))))

  (func $mix (param $x i64) (result i64)
    (i64.xor (local.get $x) (i64.rotl (i64.mul (local.get $x) (i64.const 0x9e3779b97f4a7c15)) (i64.const 23))))

  (func $calls (param $n i32) (result i64) (local $s i64)
    (local.set $s (i64.const 1))
    (loop $next
      (local.set $s (call $mix (i64.add (local.get $s) (i64.extend_i32_u (local.get $n)))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))

  (func $recursion (param $n i32) (result i64)
    (if (result i64) (i32.lt_u (local.get $n) (i32.const 2))
      (then (i64.extend_i32_u (local.get $n)))
      (else (i64.add
        (call $recursion (i32.sub (local.get $n) (i32.const 1)))
        (call $recursion (i32.sub (local.get $n) (i32.const 2)))))))

  (func $nested (param $n i32) (result i64) (local $i i32) (local $j i32) (local $s i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (local.get $j))))
        (br_if $inner (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 4))) (i32.const 64))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i64.extend_i32_u (local.get $s)))

  ;; An interpreter of five instructions.
  (func $dispatch (param $n i32) (result i64) (local $state i32) (local $s i64)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (block $4 (block $3 (block $2 (block $1 (block $0
          (br_table $0 $1 $2 $3 $4 (i32.rem_u (local.get $state) (i32.const 5))))
          (local.set $s (i64.add (local.get $s) (i64.const 1)))
          (local.set $state (i32.add (local.get $state) (i32.const 3)))
          (br $next))
          (local.set $s (i64.mul (local.get $s) (i64.const 3)))
          (local.set $state (i32.add (local.get $state) (local.get $n)))
          (br $next))
          (local.set $s (i64.sub (local.get $s) (i64.const 11)))
          (local.set $state (i32.add (local.get $state) (i32.const 2)))
          (br $next))
          (local.set $s (i64.xor (local.get $s) (i64.const 0xff)))
          (local.set $state (i32.add (local.get $state) (i32.const 1)))
          (br $next))
        (local.set $state (i32.const 0))
        (br $next)))
    (local.get $s))

  ;; A turn may trap, after globals have been set.
  (func $divide (param $n i32) (param $by i32) (result i64) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.div_s (local.get $n) (local.get $by))))
      (global.set $left (local.get $s))
      (local.set $by (i32.add (local.get $by) (i32.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $s)))

  (func $several (param $n i32) (result i64 i64) (local $a i64) (local $b i64)
    (local.set $b (i64.const 1))
    (loop $next (param) (result)
      (local.get $b)
      (local.set $b (i64.add (local.get $a) (local.get $b)))
      (local.set $a)
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a) (local.get $b))

  (func (export "run") (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (i64.extend_i32_u (call $count_down (i32.const 1000)))
    (call $sum (i32.const 1003))
    (call $sum_into_global (i32.const 777))
    (call $most (i32.const 4099))
    (call $floats (i32.const 100))
    (call $vectors (i32.const 63))
    (call $calls (i32.const 50))
    (call $recursion (i32.const 12))
    (call $nested (i32.const 31))
    (call $dispatch (i32.const 500))
    (call $divide (i32.const 100) (i32.const 1))
    (call $several (i32.const 40)))
  (func (export "trap") (result i64)
    (call $divide (i32.const 100) (i32.const -50))))
