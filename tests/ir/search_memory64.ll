; Indexes of 32 bits in a memory that has more wrap inside of it.
; passes: loop-form search
; memory: 1 none index64

; CHECK-NOT: <16 x i8>
define i32 @f0(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
