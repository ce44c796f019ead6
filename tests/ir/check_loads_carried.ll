; A load in a loop that stores again to where it loads from: the first is made in front of the loop, and
; a phi is that or what was stored since. In f0 it is in front of another store, too, which its trap would
; hide: the load is lost. In f1 it is not.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none

; CHECK-NOT: define {{.*}}@f0
; CHECK: define {{.*}}i32 @f1(
; CHECK: load i32
; CHECK: {{^}}loop:
; CHECK-NOT: load
; CHECK: ret i32
; CHECK: f0 loses 0{{$}}
; CHECK-NOT: loses
define i32 @f0(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 8
  store i32 %i, ptr %ctx, align 1, !tbaa !0
  %x = load volatile i32, ptr %a, align 1, !tbaa !0
  %y = add i32 %x, %i
  store i32 %y, ptr %a, align 1, !tbaa !0
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %i
}

define i32 @f1(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 8
  %x = load volatile i32, ptr %a, align 1, !tbaa !0
  %y = add i32 %x, %i
  store i32 %y, ptr %a, align 1, !tbaa !0
  store i32 %i, ptr %ctx, align 1, !tbaa !0
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %i
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
