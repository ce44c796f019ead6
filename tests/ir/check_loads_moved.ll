; A load that is the same in every iteration leaves the loop, in front of a store that LLVM knows to be
; apart from it. Trapped there, it would hide the first store: the load is lost.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none

; CHECK-NOT: define
; CHECK: declare {{.*}}i32 @f0(
; CHECK: f0 loses 0{{$}}
define i32 @f0(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ 0, %entry ], [ %t, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 8
  store i32 %i, ptr %ctx, align 1, !tbaa !0
  %x = load volatile i32, ptr %a, align 1, !tbaa !0
  %t = add i32 %s, %x
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %t
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
