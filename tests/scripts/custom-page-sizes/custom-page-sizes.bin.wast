;; Made by convert.mjs of text/custom-page-sizes.wast.
(module $m binary
  "\00\61\73\6d\01\00\00\00\01\29\08\60\00\01\7f\60\01\7f\01\7f\60\01\7f\01"
  "\7e\60\02\7f\7f\00\60\02\7f\7e\00\60\01\7f\00\60\02\7f\7f\01\7f\60\03\7f"
  "\7f\7f\00\03\1d\1c\00\01\01\01\01\02\01\02\02\01\01\01\01\03\03\04\05\05"
  "\05\06\01\03\05\07\03\03\01\06\05\07\01\09\e8\07\eb\07\00\07\f5\01\1d\06"
  "\6d\65\6d\6f\72\79\02\00\04\73\69\7a\65\00\00\04\67\72\6f\77\00\01\05\6c"
  "\6f\61\64\38\00\02\06\6c\6f\61\64\31\36\00\03\06\6c\6f\61\64\33\32\00\04"
  "\06\6c\6f\61\64\36\34\00\05\05\6c\6f\61\64\66\00\06\05\6c\6f\61\64\64\00"
  "\07\07\6c\6f\61\64\31\32\38\00\08\05\73\70\6c\61\74\00\09\04\6c\61\6e\65"
  "\00\0a\03\66\61\72\00\0b\08\66\61\72\74\68\65\73\74\00\0c\06\73\74\6f\72"
  "\65\38\00\0d\07\73\74\6f\72\65\33\32\00\0e\07\73\74\6f\72\65\36\34\00\0f"
  "\08\73\74\6f\72\65\31\32\38\00\10\0a\73\74\6f\72\65\5f\6c\61\6e\65\00\11"
  "\06\75\6e\75\73\65\64\00\12\03\61\64\64\00\13\07\61\74\6f\6d\69\63\38\00"
  "\14\04\66\69\6c\6c\00\15\05\66\69\6c\6c\39\00\16\04\63\6f\70\79\00\17\05"
  "\63\6f\70\79\39\00\18\04\69\6e\69\74\00\19\04\6e\65\61\72\00\1a\03\73\75"
  "\6d\00\1b\0c\01\02\0a\ed\02\1c\04\00\3f\00\0b\06\00\20\00\40\00\0b\07\00"
  "\20\00\2d\00\00\0b\07\00\20\00\2f\01\00\0b\07\00\20\00\28\02\00\0b\07\00"
  "\20\00\29\03\00\0b\08\00\20\00\2a\02\00\bc\0b\08\00\20\00\2b\03\00\bd\0b"
  "\0b\00\20\00\fd\00\04\00\fd\1d\01\0b\0b\00\20\00\fd\09\02\00\fd\1b\03\0b"
  "\1e\00\20\00\fd\0c\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\fd\55"
  "\01\00\00\fd\1b\00\0b\08\00\20\00\2d\00\e7\07\0b\0b\00\20\00\28\02\ff\ff"
  "\ff\ff\0f\0b\09\00\20\00\20\01\3a\00\00\0b\09\00\20\00\20\01\36\02\00\0b"
  "\09\00\20\00\20\01\37\03\00\0b\1a\00\20\00\fd\0c\ff\ff\ff\ff\ff\ff\ff\ff"
  "\ff\ff\ff\ff\ff\ff\ff\ff\fd\0b\04\00\0b\1b\00\20\00\fd\0c\ff\ff\ff\ff\ff"
  "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\fd\5a\02\00\01\0b\08\00\20\00\28\02\00"
  "\1a\0b\0a\00\20\00\20\01\fe\1e\02\00\0b\08\00\20\00\fe\12\00\00\0b\0b\00"
  "\20\00\41\07\20\01\fc\0b\00\0b\0b\00\20\00\41\09\41\09\fc\0b\00\0b\0c\00"
  "\20\00\20\01\20\02\fc\0a\00\00\0b\0c\00\20\00\20\01\41\09\fc\0a\00\00\0b"
  "\0c\00\20\00\41\00\20\01\fc\08\01\00\0b\10\00\20\00\28\02\00\20\00\41\08"
  "\6a\28\02\00\6a\0b\1f\01\01\7f\03\40\20\02\20\00\2d\00\00\6a\21\02\20\00"
  "\41\01\6a\22\00\20\01\49\0d\00\0b\20\02\0b\0b\19\02\00\41\de\07\0b\0a\30"
  "\31\32\33\34\35\36\37\38\39\01\06\61\62\63\64\65\66"
)
(register "m" $m)
(assert_return (invoke "size") (i32.const 1000))
(assert_return (invoke "load8" (i32.const 999)) (i32.const 57))
(assert_trap (invoke "load8" (i32.const 1000)) "out of bounds memory access")
(assert_trap (invoke "load8" (i32.const -1)) "out of bounds memory access")
(assert_return (invoke "load16" (i32.const 998)) (i32.const 14648))
(assert_trap (invoke "load16" (i32.const 999)) "out of bounds memory access")
(assert_trap (invoke "load16" (i32.const -1)) "out of bounds memory access")
(assert_return (invoke "load32" (i32.const 996)) (i32.const 959985462))
(assert_trap (invoke "load32" (i32.const 997)) "out of bounds memory access")
(assert_trap (invoke "load32" (i32.const 999)) "out of bounds memory access")
(assert_return (invoke "load64" (i32.const 992)) (i64.const 4123106164818064178))
(assert_trap (invoke "load64" (i32.const 993)) "out of bounds memory access")
(assert_return (invoke "loadf" (i32.const 996)) (i32.const 959985462))
(assert_trap (invoke "loadf" (i32.const 997)) "out of bounds memory access")
(assert_return (invoke "loadd" (i32.const 992)) (i64.const 4123106164818064178))
(assert_trap (invoke "loadd" (i32.const 993)) "out of bounds memory access")
(assert_return (invoke "load128" (i32.const 984)) (i64.const 4123106164818064178))
(assert_trap (invoke "load128" (i32.const 985)) "out of bounds memory access")
(assert_return (invoke "splat" (i32.const 996)) (i32.const 959985462))
(assert_trap (invoke "splat" (i32.const 997)) "out of bounds memory access")
(assert_return (invoke "lane" (i32.const 998)) (i32.const 14648))
(assert_trap (invoke "lane" (i32.const 999)) "out of bounds memory access")
(assert_return (invoke "far" (i32.const 0)) (i32.const 57))
(assert_trap (invoke "far" (i32.const 1)) "out of bounds memory access")
(assert_trap (invoke "far" (i32.const -999)) "out of bounds memory access")
(assert_trap (invoke "farthest" (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "farthest" (i32.const 1)) "out of bounds memory access")
(assert_trap (invoke "unused" (i32.const 997)) "out of bounds memory access")
(assert_trap (invoke "store8" (i32.const 1000) (i32.const 1)) "out of bounds memory access")
(assert_trap (invoke "store32" (i32.const 997) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "load32" (i32.const 996)) (i32.const 959985462))
(assert_trap (invoke "store64" (i32.const 993) (i64.const 1)) "out of bounds memory access")
(assert_trap (invoke "store128" (i32.const 985)) "out of bounds memory access")
(assert_trap (invoke "store_lane" (i32.const 997)) "out of bounds memory access")
(assert_return (invoke "load32" (i32.const 996)) (i32.const 959985462))
(assert_return (invoke "add" (i32.const 996) (i32.const 1)) (i32.const 959985462))
(assert_return (invoke "load32" (i32.const 996)) (i32.const 959985463))
(assert_trap (invoke "add" (i32.const 1000) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "atomic8" (i32.const 999)) (i32.const 57))
(assert_trap (invoke "atomic8" (i32.const 1000)) "out of bounds memory access")
(assert_trap (invoke "fill" (i32.const 990) (i32.const 11)) "out of bounds memory access")
(assert_trap (invoke "fill9" (i32.const 992)) "out of bounds memory access")
(assert_return (invoke "load8" (i32.const 999)) (i32.const 57))
(assert_return (invoke "fill" (i32.const 1000) (i32.const 0)))
(assert_trap (invoke "fill" (i32.const 1001) (i32.const 0)) "out of bounds memory access")
(assert_return (invoke "fill9" (i32.const 991)))
(assert_return (invoke "load8" (i32.const 999)) (i32.const 9))
(assert_return (invoke "load8" (i32.const 990)) (i32.const 48))
(assert_return (invoke "fill" (i32.const 0) (i32.const 1000)))
(assert_return (invoke "sum" (i32.const 0) (i32.const 1000)) (i32.const 7000))
(assert_trap (invoke "sum" (i32.const 0) (i32.const 1001)) "out of bounds memory access")
(assert_trap (invoke "copy" (i32.const 0) (i32.const 1) (i32.const 1000)) "out of bounds memory access")
(assert_return (invoke "copy" (i32.const 0) (i32.const 1) (i32.const 999)))
(assert_trap (invoke "copy9" (i32.const 992) (i32.const 0)) "out of bounds memory access")
(assert_trap (invoke "copy9" (i32.const 0) (i32.const 992)) "out of bounds memory access")
(assert_return (invoke "copy9" (i32.const 991) (i32.const 0)))
(assert_trap (invoke "init" (i32.const 995) (i32.const 6)) "out of bounds memory access")
(assert_return (invoke "load8" (i32.const 995)) (i32.const 7))
(assert_return (invoke "init" (i32.const 994) (i32.const 6)))
(assert_return (invoke "load8" (i32.const 999)) (i32.const 102))
(assert_return (invoke "near" (i32.const 0)) (i32.const 235802126))
(assert_trap (invoke "near" (i32.const 989)) "out of bounds memory access")
(assert_trap (invoke "near" (i32.const -8)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 4)) (i32.const -1))
(assert_return (invoke "grow" (i32.const 0)) (i32.const 1000))
(assert_return (invoke "grow" (i32.const 2)) (i32.const 1000))
(assert_return (invoke "size") (i32.const 1002))
(assert_return (invoke "load16" (i32.const 1000)) (i32.const 0))
(assert_trap (invoke "load16" (i32.const 1001)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const 1002))
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))
(assert_return (invoke "load32" (i32.const 999)) (i32.const 102))
(module binary
  "\00\61\73\6d\01\00\00\00\01\0f\03\60\00\01\7f\60\01\7f\01\7f\60\02\7f\7f"
  "\00\03\05\04\00\01\01\02\05\05\01\08\ff\1f\00\07\20\04\04\73\69\7a\65\00"
  "\00\04\67\72\6f\77\00\01\05\6c\6f\61\64\38\00\02\06\73\74\6f\72\65\38\00"
  "\03\0a\1f\04\04\00\3f\00\0b\06\00\20\00\40\00\0b\07\00\20\00\2d\00\00\0b"
  "\09\00\20\00\20\01\3a\00\00\0b"
)
(assert_return (invoke "load8" (i32.const 4094)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 4095)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 61442)) (i32.const 4095))
(assert_return (invoke "store8" (i32.const 65536) (i32.const 3)))
(assert_return (invoke "load8" (i32.const 65536)) (i32.const 3))
(assert_trap (invoke "load8" (i32.const 65537)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1048576)) (i32.const 65537))
(assert_return (invoke "load8" (i32.const 1114112)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 1114113)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const -1)) (i32.const -1))
(module binary
  "\00\61\73\6d\01\00\00\00\01\0f\03\60\01\7f\01\7f\60\00\01\7f\60\02\7f\7f"
  "\00\02\11\01\01\6d\06\6d\65\6d\6f\72\79\02\09\e8\07\eb\07\00\03\06\05\00"
  "\00\01\02\02\05\03\01\00\01\07\2f\05\05\62\79\74\65\73\00\00\05\70\61\67"
  "\65\73\00\01\05\73\69\7a\65\73\00\02\08\74\6f\5f\70\61\67\65\73\00\03\08"
  "\74\6f\5f\62\79\74\65\73\00\04\0a\38\05\07\00\20\00\2d\00\00\0b\08\00\20"
  "\00\2d\40\01\00\0b\0a\00\3f\00\41\0a\6c\3f\01\6a\0b\0d\00\20\00\41\e2\07"
  "\20\01\fc\0a\01\00\0b\0c\00\20\00\41\00\20\01\fc\0a\00\01\0b"
)
(assert_return (invoke "bytes" (i32.const 999)) (i32.const 102))
(assert_trap (invoke "bytes" (i32.const 1003)) "out of bounds memory access")
(assert_return (invoke "pages" (i32.const 65535)) (i32.const 0))
(assert_trap (invoke "pages" (i32.const 65536)) "out of bounds memory access")
(assert_return (invoke "sizes") (i32.const 10031))
(assert_trap (invoke "to_pages" (i32.const 0) (i32.const 10)) "out of bounds memory access")
(assert_return (invoke "to_pages" (i32.const 0) (i32.const 9)))
(assert_return (invoke "pages" (i32.const 5)) (i32.const 102))
(assert_trap (invoke "to_bytes" (i32.const 1000) (i32.const 4)) "out of bounds memory access")
(assert_return (invoke "to_bytes" (i32.const 1000) (i32.const 3)))
(assert_return (invoke "bytes" (i32.const 1002)) (i32.const 99))
(module $ordinary binary
  "\00\61\73\6d\01\00\00\00\05\04\01\01\01\63\07\0a\01\06\6d\65\6d\6f\72\79"
  "\02\00"
)
(register "ordinary" $ordinary)
(assert_unlinkable
  (module binary
  "\00\61\73\6d\01\00\00\00\02\15\01\08\6f\72\64\69\6e\61\72\79\06\6d\65\6d"
  "\6f\72\79\02\08\64\00"
  )
  "incompatible import type")
(assert_unlinkable
  (module binary
  "\00\61\73\6d\01\00\00\00\02\0d\01\01\6d\06\6d\65\6d\6f\72\79\02\00\01"
  )
  "incompatible import type")
(assert_unlinkable
  (module binary
  "\00\61\73\6d\01\00\00\00\02\0f\01\01\6d\06\6d\65\6d\6f\72\79\02\08\ec\07"
  "\00"
  )
  "incompatible import type")
(assert_unlinkable
  (module binary
  "\00\61\73\6d\01\00\00\00\02\11\01\01\6d\06\6d\65\6d\6f\72\79\02\09\e8\07"
  "\ea\07\00"
  )
  "incompatible import type")
(assert_trap
  (module binary
  "\00\61\73\6d\01\00\00\00\05\04\01\08\64\00\0b\09\01\00\41\e3\00\0b\02\61"
  "\62"
  )
  "out of bounds memory access")
(assert_trap
  (module binary
  "\00\61\73\6d\01\00\00\00\05\04\01\08\64\00\0b\07\01\00\41\e5\00\0b\00"
  )
  "out of bounds memory access")
(module binary
  "\00\61\73\6d\01\00\00\00\01\0f\03\60\00\01\7e\60\01\7e\01\7e\60\01\7e\01"
  "\7f\03\05\04\00\01\02\02\05\07\01\0d\64\81\80\04\00\07\1e\04\04\73\69\7a"
  "\65\00\00\04\67\72\6f\77\00\01\06\6c\6f\61\64\33\32\00\02\03\66\61\72\00"
  "\03\0a\21\04\04\00\3f\00\0b\06\00\20\00\40\00\0b\07\00\20\00\28\02\00\0b"
  "\0b\00\20\00\28\02\ff\ff\ff\ff\07\0b"
)
(assert_return (invoke "size") (i64.const 100))
(assert_return (invoke "load32" (i64.const 96)) (i32.const 0))
(assert_trap (invoke "load32" (i64.const 97)) "out of bounds memory access")
(assert_trap (invoke "load32" (i64.const -1)) "out of bounds memory access")
(assert_trap (invoke "load32" (i64.const -4)) "out of bounds memory access")
(assert_trap (invoke "far" (i64.const 0)) "out of bounds memory access")
(assert_trap (invoke "far" (i64.const -2147483647)) "out of bounds memory access")
(assert_return (invoke "grow" (i64.const 65437)) (i64.const 100))
(assert_return (invoke "load32" (i64.const 65533)) (i32.const 0))
(assert_trap (invoke "load32" (i64.const 65534)) "out of bounds memory access")
(assert_return (invoke "grow" (i64.const 1)) (i64.const -1))
(module binary
  "\00\61\73\6d\01\00\00\00\01\06\01\60\01\7f\01\7f\03\05\04\00\00\00\00\05"
  "\06\01\0b\64\c8\01\00\07\21\04\04\67\72\6f\77\00\00\06\6c\6f\61\64\33\32"
  "\00\01\04\77\61\69\74\00\02\06\6e\6f\74\69\66\79\00\03\0a\28\04\06\00\20"
  "\00\40\00\0b\07\00\20\00\28\02\00\0b\0c\00\20\00\41\01\42\00\fe\01\02\00"
  "\0b\0a\00\20\00\41\01\fe\00\02\00\0b"
)
(assert_return (invoke "load32" (i32.const 96)) (i32.const 0))
(assert_trap (invoke "load32" (i32.const 97)) "out of bounds memory access")
(assert_return (invoke "wait" (i32.const 96)) (i32.const 1))
(assert_trap (invoke "wait" (i32.const 100)) "out of bounds memory access")
(assert_return (invoke "notify" (i32.const 96)) (i32.const 0))
(assert_trap (invoke "notify" (i32.const 100)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 3)) (i32.const 100))
(assert_trap (invoke "wait" (i32.const 100)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const 103))
(assert_return (invoke "wait" (i32.const 100)) (i32.const 1))
