; A cell of the function's own frame is seen by nobody when a trap has ended the function: its stores
; may go. Loads have been dealt with before.
; passes: stores
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: store i32 %x, ptr %cell
; CHECK-NOT: volatile
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %x) {
  %cell = alloca i32
  store i32 %x, ptr %cell
  %y = load i32, ptr %cell
  %z = load i32, ptr %ctx, align 1
  %sum = add i32 %y, %z
  ret i32 %sum
}
