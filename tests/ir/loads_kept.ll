; Loads that LLVM could delete or make conditional stay volatile: each may trap.
; passes: loads forget-loads
; memory: 1 none

; Nobody needs it.
; CHECK-LABEL: @f0(
; CHECK: load volatile i32
define void @f0(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = add i32 %x, 1
  ret void
}

; Needed behind a branch only: LLVM would move it there.
; CHECK-LABEL: @f1(
; CHECK: load volatile i32
define i32 @f1(ptr swiftself %ctx, i32 %c) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %is = icmp ne i32 %c, 0
  br i1 %is, label %then, label %else
then:
  ret i32 %x
else:
  ret i32 0
}

; An operand of a select, which LLVM makes a branch of; the condition is always needed.
; CHECK-LABEL: @f2(
; CHECK: %x = load volatile i32
; CHECK: %y = load i32
define i32 @f2(ptr swiftself %ctx) {
  %p = getelementptr i8, ptr %ctx, i64 64
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  %is = icmp ne i32 %y, 0
  %z = select i1 %is, i32 %x, i32 7
  ret i32 %z
}

; A call that writes nothing goes with its result; one of a function does not.
; CHECK-LABEL: @f3(
; CHECK: %x = load volatile i32
; CHECK: %y = load i32
define void @f3(ptr swiftself %ctx) {
  %p = getelementptr i8, ptr %ctx, i64 64
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %count = call i32 @llvm.ctpop.i32(i32 %x)
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  call void @f4(ptr swiftself %ctx, i32 %y)
  ret void
}

declare void @f4(ptr swiftself, i32)
declare i32 @llvm.ctpop.i32(i32)

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
