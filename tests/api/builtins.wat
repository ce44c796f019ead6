;; Every bulk operation and everything that allocates, for ever: what an interruption may find in progress.
(module
  (memory $memory (export "memory") 16 128)
  (table $table (export "table") 1000 100000 funcref)
  (table $other 1000 1000 funcref)
  (tag $tag (param i32))
  (func $seven (result i32) (i32.const 7))
  (elem $elements func $seven $seven $seven $seven $seven $seven $seven $seven)
  (data $bytes "\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01\01")

  ;; Each writes bytes of 0 and 1, null and references to one function, and nothing else.
  (func (export "memory.fill") (local $value i32)
    (loop $again
      (memory.fill (i32.const 0) (local.tee $value (i32.xor (local.get $value) (i32.const 1)))
        (i32.const 0xffff0))
      (br $again)))
  (func (export "memory.copy")
    (loop $again
      (memory.copy (i32.const 0x7fff0) (i32.const 1) (i32.const 0x7ffff))
      (memory.copy (i32.const 1) (i32.const 0x7fff0) (i32.const 0x7ffff))
      (br $again)))
  (func (export "memory.init")
    (loop $again (memory.init $bytes (i32.const 77) (i32.const 0) (i32.const 16)) (br $again)))
  (func (export "memory.grow")
    (loop $again (drop (memory.grow (i32.const 1))) (br $again)))
  (func (export "table.fill")
    (loop $again
      (table.fill $table (i32.const 0) (ref.null func) (i32.const 1000))
      (table.fill $table (i32.const 0) (ref.func $seven) (i32.const 1000))
      (br $again)))
  (func (export "table.copy")
    (loop $again
      (table.copy $other $table (i32.const 0) (i32.const 0) (i32.const 1000))
      (table.copy $table $other (i32.const 1) (i32.const 0) (i32.const 999))
      (br $again)))
  (func (export "table.init")
    (loop $again
      (table.init $table $elements (i32.const 3) (i32.const 0) (i32.const 8)) (br $again)))
  (func (export "table.grow")
    (loop $again
      (drop (table.grow $table (ref.func $seven) (i32.const 3)))
      (br $again)))
  (func $throw (param i32) (throw $tag (local.get 0)))
  (func (export "throw")
    (loop $again
      (try (do (call $throw (i32.const 5)))
        (catch $tag (if (i32.ne (i32.const 5)) (then (unreachable)))))
      (br $again)))

  ;; The sum of the sizes, when everything holds what it may.
  (func (export "check") (result i32) (local $at i32)
    (loop $entries
      (if (i32.eqz (ref.is_null (table.get $table (local.get $at))))
        (then
          (if (i32.ne (call_indirect $table (result i32) (local.get $at)) (i32.const 7))
            (then (unreachable)))))
      (br_if $entries
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (table.size $table))))
    (local.set $at (i32.const 0))
    (loop $words
      (if (i64.ne (i64.const 0)
            (i64.and (i64.load (local.get $at)) (i64.const 0xfefefefefefefefe)))
        (then (unreachable)))
      (br_if $words
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8)))
          (i32.shl (memory.size $memory) (i32.const 16)))))
    (i32.add (table.size $table) (memory.size $memory))))
