; Loads that need nothing.
; passes: widths
; memory: 1 none

; Every bit is used: division, comparison, and being stored take no part of a value.
; CHECK-LABEL: @f0(
; CHECK: %x = load i64
; CHECK-NOT: freeze
; CHECK: ret void
define void @f0(ptr swiftself %ctx, i64 %by) {
  %x = load i64, ptr %ctx, align 1
  %q = udiv i64 %x, %by
  %to = getelementptr i8, ptr %ctx, i64 8
  store i64 %q, ptr %to, align 1
  ret void
}

; An operand of `and` that is no constant leaves no bit of the load unused for sure.
; CHECK-LABEL: @f1(
; CHECK: %x = load i64
; CHECK-NOT: freeze
; CHECK: ret i64
define i64 @f1(ptr swiftself %ctx, i64 %mask) {
  %x = load i64, ptr %ctx, align 1
  %part = and i64 %x, %mask
  ret i64 %part
}

; Instruction selection leaves the width of volatile and of atomic loads alone.
; CHECK-LABEL: @f2(
; CHECK: %x = load volatile i64
; CHECK-NOT: freeze
; CHECK: %y = load atomic i64
; CHECK-NOT: freeze
; CHECK: ret i32
define i32 @f2(ptr swiftself %ctx) {
  %x = load volatile i64, ptr %ctx, align 1
  %y = load atomic i64, ptr %ctx seq_cst, align 8
  %a = trunc i64 %x to i32
  %b = trunc i64 %y to i32
  %sum = add i32 %a, %b
  ret i32 %sum
}
