; A memory of all 65,536 pages: a valid address plus 8 may wrap, so that nothing may be rewritten.
; passes: anchor
; memory: 65536 65536

; CHECK-LABEL: @f0(
; CHECK: %b = getelementptr i8, ptr %ctx, i64 %q64
; CHECK-NEXT: load i32, ptr %b
define i32 @f0(ptr swiftself %ctx, i32 %p) {
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  %x = load i32, ptr %a, align 1
  %q = add i32 %p, 8
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}
