(module
  (import "host" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "from an artifact\00")
  (func (export "run") (call $print (i32.const 8))))
