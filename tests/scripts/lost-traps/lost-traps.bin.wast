;; Made by convert.mjs of text/lost-traps.wast.
(module binary
  "\00\61\73\6d\01\00\00\00\01\16\04\60\01\7f\01\7f\60\01\7f\01\7e\60\02\7f"
  "\7f\01\7f\60\02\7f\7f\00\03\10\0f\00\00\00\01\00\02\02\00\00\00\02\00\00"
  "\03\02\05\03\01\00\01\06\06\01\7f\01\41\00\0b\07\f5\01\0f\0a\64\69\66\66"
  "\65\72\65\6e\63\65\00\00\05\65\71\75\61\6c\00\01\0d\6e\65\76\65\72\2d\75"
  "\6e\65\71\75\61\6c\00\02\0c\65\78\63\6c\75\73\69\76\65\2d\6f\72\00\03\13"
  "\72\65\6d\61\69\6e\64\65\72\2d\6f\66\2d\69\74\73\65\6c\66\00\04\09\69\6e"
  "\2d\61\2d\6c\6f\6f\70\00\05\0e\6e\6f\2d\63\6f\6d\6d\6f\6e\2d\62\69\74\73"
  "\00\06\0c\61\6c\77\61\79\73\2d\62\65\6c\6f\77\00\07\0f\61\74\2d\6c\65\61"
  "\73\74\2d\69\74\73\65\6c\66\00\08\11\6e\6f\2d\6e\75\6d\62\65\72\2d\69\73"
  "\2d\62\6f\74\68\00\09\0b\6f\66\2d\61\2d\73\65\6c\65\63\74\00\0a\14\61\6c"
  "\6c\2d\77\61\79\73\2d\6c\65\61\64\2d\74\6f\2d\6f\6e\65\00\0b\0b\73\74\6f"
  "\72\65\64\2d\62\61\63\6b\00\0c\10\73\74\6f\72\65\64\2d\62\61\63\6b\2d\6c"
  "\61\74\65\00\0d\0f\73\74\6f\72\65\64\2d\69\66\2d\6f\74\68\65\72\00\0e\0a"
  "\d6\02\0f\0d\00\20\00\28\02\00\20\00\28\02\00\6b\0b\0d\00\20\00\2d\00\00"
  "\20\00\2d\00\00\46\0b\16\00\20\00\29\03\00\20\00\29\03\00\52\04\40\41\01"
  "\24\00\0b\41\07\0b\0d\00\20\00\35\02\00\20\00\35\02\00\85\0b\19\01\01\7f"
  "\20\00\28\02\00\41\01\72\21\01\20\01\20\00\28\02\00\41\01\72\70\0b\26\01"
  "\01\7f\03\40\20\02\20\00\28\02\00\6a\21\02\20\02\20\00\28\02\00\6b\21\02"
  "\20\01\41\01\6b\22\01\0d\00\0b\20\02\0b\13\00\20\00\28\02\00\41\ff\01\71"
  "\20\01\41\80\fe\03\71\71\0b\10\00\20\00\28\02\00\41\08\76\41\80\80\80\10"
  "\49\0b\16\01\01\7f\20\00\28\02\00\21\01\20\01\20\00\28\02\04\72\20\01\4f"
  "\0b\1f\01\01\7f\20\00\28\02\00\21\01\20\01\41\0a\4b\20\01\41\05\49\71\04"
  "\40\41\09\24\00\0b\41\01\0b\18\00\20\01\45\04\40\41\03\0f\0b\20\01\20\00"
  "\28\02\00\20\01\41\00\47\1b\0b\1b\00\02\40\02\40\02\40\20\00\28\02\00\0e"
  "\02\01\00\01\0b\0c\01\0b\0c\00\0b\41\05\0b\0e\00\20\00\20\00\28\02\00\36"
  "\02\00\41\01\0b\18\00\20\00\20\01\6a\20\00\20\01\41\7f\6a\6a\41\01\6a\2c"
  "\00\00\3a\00\00\0b\19\00\20\00\28\02\00\20\00\28\02\00\47\04\40\20\00\20"
  "\01\36\02\00\0b\41\04\0b"
)
(assert_return (invoke "difference" (i32.const 65532)) (i32.const 0))
(assert_trap (invoke "difference" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "equal" (i32.const 65535)) (i32.const 1))
(assert_trap (invoke "equal" (i32.const 65536)) "out of bounds memory access")
(assert_return (invoke "never-unequal" (i32.const 65528)) (i32.const 7))
(assert_trap (invoke "never-unequal" (i32.const 65529)) "out of bounds memory access")
(assert_return (invoke "exclusive-or" (i32.const 65532)) (i64.const 0))
(assert_trap (invoke "exclusive-or" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "remainder-of-itself" (i32.const 65532)) (i32.const 0))
(assert_trap (invoke "remainder-of-itself" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "in-a-loop" (i32.const 65532) (i32.const 5)) (i32.const 0))
(assert_trap (invoke "in-a-loop" (i32.const -1) (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "no-common-bits" (i32.const 65532) (i32.const 5)) (i32.const 0))
(assert_trap (invoke "no-common-bits" (i32.const 65533) (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "always-below" (i32.const 65532)) (i32.const 1))
(assert_trap (invoke "always-below" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "at-least-itself" (i32.const 65528)) (i32.const 1))
(assert_trap (invoke "at-least-itself" (i32.const 65529)) "out of bounds memory access")
(assert_trap (invoke "at-least-itself" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "no-number-is-both" (i32.const 65532)) (i32.const 1))
(assert_trap (invoke "no-number-is-both" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "of-a-select" (i32.const 65532) (i32.const 1)) (i32.const 1))
(assert_return (invoke "of-a-select" (i32.const 65533) (i32.const 0)) (i32.const 3))
(assert_trap (invoke "of-a-select" (i32.const 65533) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "all-ways-lead-to-one" (i32.const 65532)) (i32.const 5))
(assert_trap (invoke "all-ways-lead-to-one" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "stored-back" (i32.const 65532)) (i32.const 1))
(assert_trap (invoke "stored-back" (i32.const 65533)) "out of bounds memory access")
(assert_return (invoke "stored-back-late" (i32.const 65530) (i32.const 5)))
(assert_trap (invoke "stored-back-late" (i32.const 65531) (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "stored-if-other" (i32.const 65532) (i32.const 5)) (i32.const 4))
(assert_trap (invoke "stored-if-other" (i32.const 65533) (i32.const 5)) "out of bounds memory access")
