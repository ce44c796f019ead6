(module
  (memory 1)
  (func (export "f"))
  (func (export "g")))
