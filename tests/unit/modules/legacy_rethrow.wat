;; Clauses of the older exceptions that rethrow, left in every way.
(module
  (import "t" "e" (tag $e (param i32)))
  (import "t" "deep" (func $deep (param i32) (result i32)))
  (func $once (param i32) (result i32)
    try (result i32)
      try (result i32)
        (call $deep (local.get 0))
      catch $e
        try
          rethrow 1
        catch_all
        end
        (br_if 1 (i32.and (local.get 0) (i32.const 1)))
        drop
        rethrow 0
      end
    catch $e
      (i32.add (i32.const 1))
    end)
  (func (export "rethrow") (param i32) (result i32) (local $sum i32)
    loop
      (local.set $sum (i32.add (local.get $sum) (call $once (i32.and (local.get 0) (i32.const 3)))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
    end
    local.get $sum))
