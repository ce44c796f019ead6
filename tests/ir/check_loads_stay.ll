; A load that leaves the loop without passing a store, and one that another takes the place of, are where
; they trap as they should.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none

; CHECK: define {{.*}}@f0(
; CHECK-NOT: loses
define i32 @f0(ptr swiftself %ctx, i32 %n) {
entry:
  %b = getelementptr i8, ptr %ctx, i64 16
  %y = load volatile i32, ptr %b, align 1, !tbaa !0
  store i32 %y, ptr %ctx, align 1, !tbaa !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ 0, %entry ], [ %u, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 8
  %x = load volatile i32, ptr %a, align 1, !tbaa !0
  store i32 %i, ptr %ctx, align 1, !tbaa !0
  %z = load volatile i32, ptr %b, align 1, !tbaa !0
  %t = add i32 %s, %x
  %u = add i32 %t, %z
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %u
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
