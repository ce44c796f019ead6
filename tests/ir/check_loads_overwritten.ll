; Two equal stores, and behind each a load that leaves the loop. When the loads are gone nothing stands between
; the stores, and the first is deleted: nothing is left to tell that its load was behind it, so it has to be
; seen before.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none

; CHECK-NOT: define
; CHECK: declare {{.*}}i32 @f0(
; CHECK: f0 loses 0 1{{$}}
define i32 @f0(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ 0, %entry ], [ %u, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 8
  store i32 7, ptr %ctx, align 1, !tbaa !0
  %x = load volatile i32, ptr %a, align 1, !tbaa !0
  %t = sub i32 %s, %x
  store i32 7, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %a, align 1, !tbaa !0
  %u = sub i32 %t, %y
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %u
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
