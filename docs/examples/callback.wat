(module
  (import "host" "print" (func $print (param i32)))
  (import "host" "next" (func $next (result i32)))
  ;; Prints the sums of n numbers that the host gives.
  (func (export "sums") (param $n i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $next)))
      (call $print (local.get $sum))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
