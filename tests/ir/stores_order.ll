; Behind the last pass every store that somebody may see is volatile: instruction selection neither
; drops one nor lets two change places, which a trap between them would show.
; passes: stores
; memory: 1 none

; The first store is dead but for the trap that the load may be.
; CHECK-LABEL: @f0(
; CHECK: store volatile i32 1
; CHECK: load volatile i32
; CHECK: store volatile i32 2
define i32 @f0(ptr swiftself %ctx, i64 %at) {
  %p = getelementptr i8, ptr %ctx, i64 %at
  store i32 1, ptr %ctx, align 1
  %x = load i32, ptr %p, align 1
  store i32 2, ptr %ctx, align 1
  ret i32 %x
}
