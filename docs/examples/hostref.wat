(module
  (import "host" "show" (func $show (param externref)))
  (table $kept 2 externref)
  (global $last (mut externref) (ref.null extern))
  (func (export "keep") (param $at i32) (param $what externref)
    (global.set $last (local.get $what))
    (table.set $kept (local.get $at) (local.get $what)))
  (func (export "kept") (param $at i32) (result externref) (table.get $kept (local.get $at)))
  (func (export "show_last") (call $show (global.get $last))))
