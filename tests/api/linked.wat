;; An instance that all threads of a program call: its table, globals, memory and segments are each
;; thread's. Entries [0, 32) of the table hold functions of one type, [32, 64) of another; which of
;; them changes all the time. A function traps in a context that is not its own.
(module
  (type $one (func (result i32)))
  (type $two (func (param i64 f64) (result i64)))
  (table $table (export "table") 64 100000 funcref)
  (memory (export "memory") 1 512)
  (global $mine (mut i64) (i64.const 0x1234567890abcdef))
  (global $kept (export "kept") (mut funcref) (ref.null func))
  (tag $tag (param i64))
  (elem $ones func $a $b $a $b)
  (elem $twos func $c $d $c $d)
  (data $bytes "\01\02\03\04")
  (elem (i32.const 0) $a $b $a $b $a $b $a $b $a $b $a $b $a $b $a $b
    $a $b $a $b $a $b $a $b $a $b $a $b $a $b $a $b
    $c $d $c $d $c $d $c $d $c $d $c $d $c $d $c $d
    $c $d $c $d $c $d $c $d $c $d $c $d $c $d $c $d)
  (func $check
    (if (i64.ne (global.get $mine) (i64.const 0x1234567890abcdef)) (then (unreachable))))
  (func $a (export "a") (type $one) (call $check) (i32.const 1))
  (func $b (type $one) (call $check) (i32.const 2))
  (func $c (export "c") (type $two) (call $check) (i64.add (local.get 0) (i64.const 3)))
  (func $d (type $two) (call $check) (i64.add (local.get 0) (i64.const 4)))

  (func (export "call") (param $n i32)
    (loop $again
      (if (i32.gt_u (call_indirect $table (type $one) (i32.and (local.get $n) (i32.const 31)))
            (i32.const 9))
        (then (unreachable)))
      (if (i64.gt_u (call_indirect $table (type $two) (i64.const 0) (f64.const 1)
            (i32.or (i32.and (local.get $n) (i32.const 31)) (i32.const 32)))
            (i64.const 9))
        (then (unreachable)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func (export "write") (param $n i32) (local $at i32)
    (loop $again
      (local.set $at (i32.and (i32.mul (local.get $n) (i32.const 7)) (i32.const 31)))
      (table.set $table (local.get $at) (ref.func $b))
      (table.set $table (i32.or (local.get $at) (i32.const 32)) (ref.func $d))
      (table.fill $table (i32.and (local.get $n) (i32.const 15))
        (table.get $table (i32.and (local.get $n) (i32.const 31))) (i32.const 6))
      (table.copy $table $table (i32.and (local.get $n) (i32.const 15))
        (i32.and (local.get $at) (i32.const 15)) (i32.const 16))
      (table.copy $table $table (i32.const 34) (i32.const 32) (i32.const 30))
      (global.set $kept (table.get $table (local.get $at)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; What the global holds is of the first type, whoever wrote it.
  (func (export "keep") (param $n i32)
    (loop $again
      (if (i32.eqz (ref.is_null (global.get $kept)))
        (then (table.set $table (i32.and (local.get $n) (i32.const 31)) (global.get $kept))))
      (global.set $kept (table.get $table (i32.and (local.get $n) (i32.const 31))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; Until there is no more, then by nothing.
  (func (export "grow") (param $n i32)
    (loop $again
      (if (i32.eq (table.grow $table (ref.func $a) (i32.const 50)) (i32.const -1))
        (then (drop (table.grow $table (ref.null func) (i32.const 0)))))
      (drop (memory.grow (i32.and (local.get $n) (i32.const 1))))
      (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 1))
      (drop (call_indirect $table (type $one) (i32.const 31)))
      (drop (table.get $table (i32.sub (table.size $table) (i32.const 1))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  ;; A segment that is dropped is empty from then on: one that lasts is taken of, another dropped.
  (func (export "init") (param $n i32)
    (loop $again
      (table.init $table $ones (i32.and (local.get $n) (i32.const 15)) (i32.const 0) (i32.const 0))
      (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 0))
      (elem.drop $twos)
      (data.drop $bytes)
      (table.init $table $twos (i32.const 40) (i32.const 0) (i32.const 0))
      (table.init $table $ones (i32.and (local.get $n) (i32.const 15)) (i32.const 0) (i32.const 4))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))

  (func $throw (param i64) (throw $tag (local.get 0)))
  (func (export "throw") (param $n i32) (local $caught i64)
    (loop $again
      (local.set $caught
        (try (result i64)
          (do
            (try (result i64)
              (do (call $throw (i64.extend_i32_u (local.get $n))) (i64.const 0))
              (catch_all (rethrow 0))))
          (catch $tag)))
      (if (i64.ne (local.get $caught) (i64.extend_i32_u (local.get $n))) (then (unreachable)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
