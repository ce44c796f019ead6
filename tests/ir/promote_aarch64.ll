; On AArch64 an access extends its address itself.
; passes: promote
; memory: 1 none
; target: aarch64-linux-gnu

; CHECK-LABEL: @f0(
; CHECK: phi i32
; CHECK-NOT: trunc
define i32 @f0(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %x = load i32, ptr %a, align 1
  %r = add i32 %q, 4
  %more = icmp ne i32 %x, 0
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %q
}
