;; The smallest module that has made the compiler crash: a vector loop that stores to a global only.
(module
  (global $left (mut i32) (i32.const 4))
  (func (export "run")
    loop $l
      (if (i32.eqz (global.get $left)) (then unreachable))
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      (if (global.get $left) (then (br $l)))
    end))
