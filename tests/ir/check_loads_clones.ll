; A loop is unswitched, and in the copy that runs once the store writes back what was just loaded. LLVM
; deletes both, and a block in which nothing but the killed record is left. The other copy's record must not
; vouch for it: the load is lost.
; passes: loads mark-loads scalar-early scalar scalar-clean late check-loads
; memory: 1 none

; CHECK-NOT: define {{.*}}@f0
; CHECK: f0 loses 0{{$}}
define void @f0(ptr swiftself %ctx, i32 %n, i32 %flag, i32 %start) {
entry:
  %bit = and i32 %flag, 1
  %leave = icmp ne i32 %bit, 0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %more ]
  %from = shl i32 %i, 3
  %a = add i32 %from, %start
  %b = add i32 %i, %start
  %aa = zext i32 %a to i64
  %bb = zext i32 %b to i64
  %p = getelementptr i8, ptr %ctx, i64 %aa
  %q = getelementptr i8, ptr %ctx, i64 %bb
  %x = load volatile double, ptr %p, align 1, !tbaa !0
  store double %x, ptr %q, align 1, !tbaa !0
  br i1 %leave, label %exit, label %more
more:
  %next = add i32 %i, -4
  %again = icmp ne i32 %next, -2400
  br i1 %again, label %loop, label %exit
exit:
  ret void
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
