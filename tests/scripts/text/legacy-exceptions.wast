;; Legacy exception handling: try, catch, catch_all, delegate, rethrow.

;; Values of every type through catch, and the clauses' order.
(module $values
  (tag $none)
  (tag $one (param i32))
  (tag $many (param i32 i64 f32 f64 v128 funcref externref))
  (func $f (result i32) (i32.const 77))
  (elem declare func $f)
  (table $t 1 funcref)
  (type $ri (func (result i32)))
  (func $throw (param i32)
    (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $none)))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $one (i32.const 20))))
    (if (i32.eq (local.get 0) (i32.const 3)) (then
      (throw $many (i32.const 1) (i64.const 2) (f32.const 4) (f64.const 8)
        (v128.const i32x4 16 32 64 128) (ref.func $f) (ref.null extern)))))
  (func (export "which") (param i32) (result i32)
    (try (result i32)
      (do (call $throw (local.get 0)) (i32.const 100))
      (catch $none (i32.const 1))
      (catch $one (i32.add (i32.const 1)))
      (catch_all (i32.const 3))))
  (func (export "many") (result i32) (local i32 i64 f32 f64 v128 funcref externref)
    try
      i32.const 3
      call $throw
    catch $many
      local.set 6 local.set 5 local.set 4 local.set 3 local.set 2 local.set 1 local.set 0
    end
    (table.set $t (i32.const 0) (local.get 5))
    (i32.add (call_indirect $t (type $ri) (i32.const 0))
      (i32.add (ref.is_null (local.get 6))
        (i32.add (i32.add (local.get 0) (i32.wrap_i64 (local.get 1)))
          (i32.add (i32.trunc_f32_s (local.get 2))
            (i32.add (i32.trunc_f64_s (local.get 3))
              (i32.add (i32x4.extract_lane 0 (local.get 4)) (i32x4.extract_lane 3 (local.get 4)))))))))
  (func (export "inside") (param i32) (result i32)
    (try (result i32)
      (do (if (local.get 0) (then (throw $one (i32.mul (local.get 0) (i32.const 3))))) (i32.const -1))
      (catch $none (unreachable))
      (catch $one)))
  (func (export "no_clause") (param i32) (result i32)
    (try (result i32)
      (do (try (result i32) (do (call $throw (local.get 0)) (i32.const 5))))
      (catch $one)))
  (func (export "uncaught") (param i32) (result i32)
    (try (result i32) (do (call $throw (local.get 0)) (i32.const 5)) (catch $none (i32.const 6))))
  (func (export "params") (param i32) (result i32)
    local.get 0
    try (param i32) (result i32)
      i32.const 7
      i32.add
      local.get 0
      call $throw
    catch $one
      i32.const 1000
      i32.add
    catch_all
      i32.const 2000
    end))

(assert_return (invoke "which" (i32.const 0)) (i32.const 100))
(assert_return (invoke "which" (i32.const 1)) (i32.const 1))
(assert_return (invoke "which" (i32.const 2)) (i32.const 21))
(assert_return (invoke "which" (i32.const 3)) (i32.const 3))
(assert_return (invoke "many") (i32.const 237))
(assert_return (invoke "inside" (i32.const 0)) (i32.const -1))
(assert_return (invoke "inside" (i32.const 5)) (i32.const 15))
(assert_return (invoke "no_clause" (i32.const 0)) (i32.const 5))
(assert_return (invoke "no_clause" (i32.const 2)) (i32.const 20))
(assert_exception (invoke "no_clause" (i32.const 1)))
(assert_return (invoke "uncaught" (i32.const 1)) (i32.const 6))
(assert_exception (invoke "uncaught" (i32.const 2)))
(assert_exception (invoke "uncaught" (i32.const 3)))
(assert_return (invoke "params" (i32.const 0)) (i32.const 7))
(assert_return (invoke "params" (i32.const 1)) (i32.const 2000))
(assert_return (invoke "params" (i32.const 2)) (i32.const 1020))

;; rethrow, from its own clause and from clauses inside others, at once and later.
(module $rethrow
  (tag $a (param i32))
  (tag $b (param i32))
  (global $log (mut i32) (i32.const 0))
  (func $note (param i32)
    (global.set $log (i32.add (i32.mul (global.get $log) (i32.const 10)) (local.get 0))))
  (func $a (param i32) (throw $a (local.get 0)))
  (func $b (param i32) (throw $b (local.get 0)))
  (func (export "log") (result i32) (global.get $log) (global.set $log (i32.const 0)))
  (func $own (export "own") (param i32)
    try
      local.get 0
      call $a
    catch $a
      drop
      (call $note (i32.const 1))
      rethrow 0
    end)
  (func (export "caught_again") (result i32)
    (try (result i32) (do (call $own (i32.const 8)) (i32.const 0)) (catch $a)))
  (func (export "choose") (param i32) (result i32)
    ;; catches a inside of which b is caught, then rethrows the one or the other
    try (result i32)
      try (result i32)
        (call $a (i32.const 3))
        i32.const 0
      catch $a
        drop
        try (result i32)
          (call $b (i32.const 4))
          i32.const 0
        catch $b
          drop
          local.get 0
          if
            rethrow 1
          end
          block
            block
              rethrow 3
            end
          end
          i32.const 0
        end
      end
    catch $a
      i32.const 10
      i32.add
    catch $b
      i32.const 20
      i32.add
    end)
  (func (export "twice") (result i32) (local i32)
    ;; an inner try takes what is rethrown; the outer clause still has it afterwards
    try (result i32)
      try (result i32)
        (call $a (i32.const 5))
        i32.const 0
      catch $a
        local.set 0
        try
          rethrow 1
        catch $a
          local.get 0
          i32.add
          local.set 0
        end
        try
          rethrow 1
        catch_all
          (call $note (i32.const 2))
        end
        rethrow 0
      end
    catch $a
      local.get 0
      i32.mul
    end)
  (func (export "throw_inside") (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do (call $a (i32.const 1)) (i32.const 0))
          (catch $a (drop) (throw $b (i32.const 30)))
          (catch $b (drop) (i32.const 99)))) ;; not of the same try
      (catch $b)))
  (func (export "call_throws_inside") (param i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do (call $a (i32.const 1)) (i32.const 0))
          (catch $a (drop) (call $b (i32.const 40)) (br_if 0 (i32.const 1) (local.get 0)) (rethrow 0))
          (catch $b)))
      (catch $b)))
  (func (export "loop") (param i32) (result i32) (local $sum i32)
    ;; clauses that rethrow now and then, left by br, br_if, br_table and falling through
    loop $again
      block $out
        try $outer
          try
            (call $a (local.get 0))
          catch $a
            local.get $sum
            i32.add
            local.set $sum
            (br_if $out (i32.eqz (i32.and (local.get 0) (i32.const 1))))
            (br_if $outer (i32.eqz (i32.rem_u (local.get 0) (i32.const 3))))
            block
              (br_table 0 3 1 (i32.and (local.get 0) (i32.const 2)))
            end
            rethrow 0
          end
        catch_all
          (local.set $sum (i32.add (local.get $sum) (i32.const 1000)))
        end
      end
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
    end
    local.get $sum)
  (func (export "return_inside") (param i32) (result i32)
    try
      (call $a (local.get 0))
    catch $a
      (if (i32.gt_s (local.get 0) (i32.const 5)) (then (return (i32.const 50))))
      drop
      (if (i32.gt_s (local.get 0) (i32.const 3)) (then (rethrow 1)))
    end
    i32.const 60))

(assert_exception (invoke "own" (i32.const 1)))
(assert_return (invoke "log") (i32.const 1))
(assert_return (invoke "caught_again") (i32.const 8))
(assert_return (invoke "choose" (i32.const 0)) (i32.const 13))
(assert_return (invoke "choose" (i32.const 1)) (i32.const 24))
(assert_return (invoke "log") (i32.const 1))
(assert_return (invoke "twice") (i32.const 50))
(assert_return (invoke "log") (i32.const 2))
(assert_return (invoke "throw_inside") (i32.const 30))
(assert_return (invoke "call_throws_inside" (i32.const 0)) (i32.const 40))
(assert_return (invoke "loop" (i32.const 100)) (i32.const 22050))
(assert_return (invoke "return_inside" (i32.const 1)) (i32.const 60))
(assert_exception (invoke "return_inside" (i32.const 4)))
(assert_return (invoke "return_inside" (i32.const 6)) (i32.const 50))

;; delegate: to a try, past one, to a block in one, into a clause, out of the function.
(module $delegate
  (tag $a (param i32))
  (func $a (param i32) (if (local.get 0) (then (throw $a (local.get 0)))))
  (func (export "next") (param i32) (result i32)
    try $t (result i32)
      try (result i32)
        (call $a (local.get 0))
        i32.const 0
      delegate $t
    catch $a
      i32.const 1
      i32.add
    end)
  (func (export "past") (param i32) (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (call $a (local.get 0))
          i32.const 0
        delegate $outer
      catch_all
        i32.const -1
      end
    catch $a
      i32.const 2
      i32.add
    end)
  (func (export "block") (param i32) (result i32)
    try (result i32)
      block $b (result i32)
        try (result i32)
          try (result i32)
            (call $a (local.get 0))
            i32.const 0
          delegate $b
        catch_all
          i32.const -1
        end
      end
    catch $a
      i32.const 3
      i32.add
    end)
  (func $out (export "out") (param i32) (result i32)
    try (result i32)
      try (result i32)
        (call $a (local.get 0))
        i32.const 0
      delegate 1
    catch_all
      i32.const -1
    end)
  (func (export "out_caught") (param i32) (result i32)
    (try (result i32) (do (call $out (local.get 0))) (catch $a (i32.add (i32.const 4)))))
  (func (export "clause") (param i32) (result i32)
    ;; a clause is not part of the try that it belongs to: its label leads past it
    try (result i32)
      try $t (result i32)
        (call $a (i32.const 9))
        i32.const 0
      catch $a
        drop
        try (result i32)
          (call $a (local.get 0))
          i32.const 0
        delegate $t
      end
    catch $a
      i32.const 5
      i32.add
    end)
  (func (export "chain") (param i32) (result i32)
    try $t (result i32)
      try $u (result i32)
        try $v (result i32)
          (call $a (local.get 0))
          i32.const 0
        delegate $u
      delegate $t
    catch $a
      i32.const 6
      i32.add
    end)
  (func (export "throw") (param i32) (result i32)
    try $t (result i32)
      try
        (throw $a (local.get 0))
      delegate $t
      i32.const 0
    catch $a
      i32.const 7
      i32.add
    end)
  (func (export "out_of_clause") (result i32)
    ;; what is delegated leaves a clause that rethrows elsewhere
    try $t (result i32)
      try (result i32)
        (call $a (i32.const 1))
        i32.const 0
      catch $a
        drop
        try
          (call $a (i32.const 2))
          rethrow 1
        delegate $t
        i32.const 0
      end
    catch $a
      i32.const 8
      i32.add
    end)
  (func (export "nothing") (result i32)
    try (result i32)
      try (result i32)
        i32.const 12
      delegate 0
    catch_all
      i32.const -1
    end))

(assert_return (invoke "next" (i32.const 0)) (i32.const 0))
(assert_return (invoke "next" (i32.const 10)) (i32.const 11))
(assert_return (invoke "past" (i32.const 10)) (i32.const 12))
(assert_return (invoke "block" (i32.const 10)) (i32.const 13))
(assert_return (invoke "out" (i32.const 0)) (i32.const 0))
(assert_exception (invoke "out" (i32.const 1)))
(assert_return (invoke "out_caught" (i32.const 10)) (i32.const 14))
(assert_return (invoke "clause" (i32.const 10)) (i32.const 15))
(assert_return (invoke "clause" (i32.const 0)) (i32.const 0))
(assert_return (invoke "chain" (i32.const 10)) (i32.const 16))
(assert_return (invoke "throw" (i32.const 10)) (i32.const 17))
(assert_return (invoke "out_of_clause") (i32.const 10))
(assert_return (invoke "nothing") (i32.const 12))

;; Traps are not caught.
(module $traps
  (tag $a)
  (func (export "div") (param i32) (result i32)
    (try (result i32) (do (i32.div_s (i32.const 1) (local.get 0))) (catch_all (i32.const 5))))
  (func (export "unreachable") (result i32)
    (try (result i32) (do (unreachable)) (catch_all (i32.const 5))))
  (func (export "in_clause") (result i32)
    (try (result i32) (do (try (result i32) (do (throw $a)) (catch_all (unreachable))))
      (catch_all (i32.const 5)))))
(assert_return (invoke "div" (i32.const 1)) (i32.const 1))
(assert_trap (invoke "div" (i32.const 0)) "integer divide by zero")
(assert_trap (invoke "unreachable") "unreachable")
(assert_trap (invoke "in_clause") "unreachable")

;; Locals keep what they were last set to.
(module $locals
  (tag $a)
  (func $maybe (param i32) (if (local.get 0) (then (throw $a))))
  (func (export "run") (param i32 i32) (result i32) (local i32 i64 f64)
    try
      (local.set 2 (i32.const 1))
      (local.set 4 (f64.const 100))
      (call $maybe (local.get 0))
      (local.set 2 (i32.const 2))
      (local.set 3 (i64.const 10))
      (call $maybe (local.get 1))
      (local.set 2 (i32.const 4))
    catch $a
      (local.set 3 (i64.add (local.get 3) (i64.const 20)))
    end
    (i32.add (local.get 2)
      (i32.add (i32.wrap_i64 (local.get 3)) (i32.trunc_f64_s (local.get 4))))))
(assert_return (invoke "run" (i32.const 0) (i32.const 0)) (i32.const 114))
(assert_return (invoke "run" (i32.const 1) (i32.const 0)) (i32.const 121))
(assert_return (invoke "run" (i32.const 0) (i32.const 1)) (i32.const 132))

;; Code that nothing reaches, and clauses that nothing gets to.
(module $dead
  (tag $a (param i32))
  (func (export "after_throw") (result i32)
    try (result i32)
      i32.const 6
      throw $a
      try
        unreachable
      catch $a
        drop
      catch_all
      end
      try
        nop
      delegate 0
    catch $a
    end)
  (func (export "no_throw") (result i32)
    try (result i32)
      i32.const 1
    catch $a
      try
        call 0
        drop
      catch_all
        rethrow 1
      end
    catch_all
      unreachable
    end)
  (func (export "br_out") (result i32)
    block (result i32)
      try
        i32.const 3
        br 1
      catch_all
        i32.const 4
        br 1
      end
      unreachable
    end)
  (func (export "polymorphic") (result i32)
    try (result i32)
      unreachable
    catch $a
      rethrow 0
    catch_all
      rethrow 0
    end))
(assert_return (invoke "no_throw") (i32.const 1))
(assert_return (invoke "br_out") (i32.const 3))
(assert_trap (invoke "polymorphic") "unreachable")

;; Between instances, through tables, recursion and tail calls.
(module $provider
  (tag $e (export "e") (param i32))
  (tag $other (export "other") (param i32))
  (func $deep (export "deep") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 42))))
    (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "throw_other") (param i32) (result i32) (throw $other (local.get 0))))
(register "provider" $provider)
(module $consumer
  (tag $e (import "provider" "e") (param i32))
  (import "provider" "deep" (func $deep (param i32) (result i32)))
  (import "provider" "throw_other" (func $other (param i32) (result i32)))
  (tag $mine (param i32))
  (table funcref (elem $deep $other $again))
  (type $t (func (param i32) (result i32)))
  (func (export "catch") (param i32) (result i32)
    (try (result i32) (do (call $deep (local.get 0))) (catch $mine) (catch $e)))
  (func (export "indirect") (param i32 i32) (result i32)
    (try (result i32)
      (do (call_indirect (type $t) (local.get 1) (local.get 0)))
      (catch $mine (i32.const 500) (i32.add))
      (catch $e (i32.const 600) (i32.add))))
  (func $again (param i32) (result i32)
    (try (result i32) (do (call $deep (local.get 0)))
      (catch $e (throw $mine (i32.add (i32.const 1))))
      (catch_all (rethrow 0))))
  (func $unwind (param i32) (result i32)
    ;; each level catches, counts, and rethrows
    (if (i32.eqz (local.get 0)) (then (throw $mine (i32.const 1))))
    (try (result i32)
      (do (call $unwind (i32.sub (local.get 0) (i32.const 1))))
      (catch_all (global.set $count (i32.add (global.get $count) (i32.const 1))) (rethrow 0))))
  (global $count (mut i32) (i32.const 0))
  (func (export "unwind") (param i32) (result i32)
    (global.set $count (i32.const 0))
    (try (result i32) (do (call $unwind (local.get 0))) (catch $mine))
    (i32.add (global.get $count)))
  (func (export "all") (param i32) (result i32)
    (try (result i32) (do (call $other (local.get 0))) (catch $mine) (catch $e) (catch_all (i32.const 9)))))
(assert_return (invoke "catch" (i32.const 0)) (i32.const 42))
(assert_return (invoke "catch" (i32.const 1000)) (i32.const 42))
(assert_return (invoke "indirect" (i32.const 0) (i32.const 3)) (i32.const 642))
(assert_return (invoke "indirect" (i32.const 2) (i32.const 3)) (i32.const 543))
(assert_exception (invoke "indirect" (i32.const 1) (i32.const 3)))
(assert_return (invoke "unwind" (i32.const 200)) (i32.const 201))
(assert_return (invoke "all" (i32.const 3)) (i32.const 9))

;; No tags at all.
(module
  (import "provider" "deep" (func $deep (param i32) (result i32)))
  (func (export "caught") (result i32)
    (try (result i32) (do (call $deep (i32.const 2))) (catch_all (i32.const 7)))))
(assert_return (invoke "caught") (i32.const 7))

;; One tag under two indexes is one tag; two tags of one type are two.
(module
  (tag $e (import "provider" "e") (param i32))
  (tag $same (import "provider" "e") (param i32))
  (tag $other (import "provider" "other") (param i32))
  (func (export "same") (result i32)
    (try (result i32) (do (throw $e (i32.const 1)))
      (catch $other (i32.const 10) (i32.add)) (catch $same (i32.const 20) (i32.add)))))
(assert_return (invoke "same") (i32.const 21))

;; Many results, a try in a loop with parameters, and a deep nest.
(module $shapes
  (tag $a (param i32 i32 i32 i32 i32 i32))
  (func $six (param i32) (throw $a (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)))
  (func $rot (export "rot") (param i32) (result i32 i32 i32 i32 i32 i32)
    try (result i32 i32 i32 i32 i32 i32)
      (call $six (local.get 0))
      unreachable
    catch $a
    end)
  (func (export "sum") (param i32) (result i32)
    (call $rot (local.get 0))
    i32.sub i32.mul i32.add i32.mul i32.add)
  (func (export "nest") (param i32) (result i32)
    try (result i32)
     try (result i32)
      try (result i32)
       try (result i32)
        try (result i32)
          (call $six (local.get 0))
          i32.const 0
        catch $a
          drop drop drop drop drop drop
          rethrow 0
        end
       catch $a
         drop drop drop drop drop drop
         try
           rethrow 1
         catch_all
           rethrow 0
         end
         i32.const 1
       end
      delegate 0
     catch_all
       rethrow 0
     end
    catch $a
      drop drop drop drop drop
    end))
(assert_return (invoke "sum" (i32.const 100)) (i32.const 98))
(assert_return (invoke "nest" (i32.const 33)) (i32.const 33))

;; A memory written before the throw is written.
(module $memory
  (memory 1)
  (tag $a (param i32))
  (func $store_and_throw (param i32)
    (i32.store (local.get 0) (i32.const 17))
    (throw $a (local.get 0)))
  (func (export "run") (param i32) (result i32)
    (try (result i32) (do (call $store_and_throw (local.get 0)) (i32.const 0))
      (catch $a (i32.load))))
  (func (export "same_function") (param i32) (result i32)
    (try (result i32)
      (do (i32.store (local.get 0) (i32.const 18)) (throw $a (local.get 0)))
      (catch $a (i32.load)))))
(assert_return (invoke "run" (i32.const 64)) (i32.const 17))
(assert_return (invoke "same_function" (i32.const 64)) (i32.const 18))
(assert_trap (invoke "run" (i32.const 65536)) "out of bounds memory access")

;; Invalid.
(assert_invalid (module (func try unreachable delegate 5)) "unknown label")
(assert_invalid (module (func rethrow 0)) "invalid rethrow label")
(assert_invalid (module (func block rethrow 0 end)) "invalid rethrow label")
(assert_invalid (module (func try rethrow 0 catch_all end)) "invalid rethrow label")
(assert_invalid (module (func try catch 0 end)) "unknown tag")
(assert_invalid (module (func try (result i32) nop catch_all i32.const 0 end drop)) "type mismatch")
(assert_invalid (module (func try (result i32) i32.const 0 catch_all end drop)) "type mismatch")
(assert_invalid (module (tag (param i32)) (func try catch 0 end)) "type mismatch")
(assert_invalid (module (tag (param i32)) (func (result i64) try (result i64) i64.const 0 catch 0 end)) "type mismatch")
