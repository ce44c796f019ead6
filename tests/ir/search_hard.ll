; What needs care: a byte that one turn loads and the next compares, a number of 32 bits that bytes
; are compared with, and words with a counter that goes by 4.
; passes: loop-form search
; memory: 1 none

; The byte that has been loaded is the first lane, not what is there by now; behind the loop it is
; one of those that were looked at.
; CHECK-LABEL: @f0(
; CHECK: %[[LOADED:.*]] = freeze <16 x i8>
; CHECK: %[[CARRIED:.*]] = shufflevector <16 x i8> %{{.*}}, <16 x i8> %[[LOADED]], <16 x i32> <i32 0, i32 16, i32 17,
; CHECK: extractelement <16 x i8> %[[LOADED]], i32 15
; CHECK: %[[BEHIND:.*]] = phi <16 x i8> [ %[[CARRIED]]
; CHECK: extractelement <16 x i8> %[[BEHIND]], i64 %
define i8 @f0(ptr swiftself %ctx, i32 %p, i8 %first) {
entry:
  br label %loop
loop:
  %before = phi i8 [ %first, %entry ], [ %c, %loop ]
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i8 %before, %c
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i8 %before
}

; No byte equals a number of more bits: then no vector is looked at.
; CHECK-LABEL: @f1(
; CHECK: %[[CUT:.*]] = trunc i32 %x to i8
; CHECK: %[[ALL:.*]] = zext i8 %[[CUT]] to i32
; CHECK: %[[FITS:.*]] = icmp eq i32 %[[ALL]], %x
; CHECK: select i1 %[[FITS]], i64 %{{.*}}, i64 0
; CHECK: icmp eq <16 x i8>
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %x) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %wide = zext i8 %c to i32
  %ends = icmp eq i32 %wide, %x
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; CHECK-LABEL: @f2(
; CHECK: load <4 x i32>
; CHECK: add <4 x i32> %{{.*}}, <i32 0, i32 -4, i32 -8, i32 -12>
; CHECK: icmp ult <4 x i32> %{{.*}}, splat (i32 4)
; CHECK: bitcast <4 x i1> %{{.*}} to i4
define i32 @f2(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %m = phi i32 [ %n, %entry ], [ %less, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load volatile i32, ptr %a, align 1, !tbaa !0
  %found = icmp eq i32 %c, 7
  %over = icmp ult i32 %m, 4
  %ends = select i1 %found, i1 true, i1 %over
  %next = add i32 %q, 4
  %less = add i32 %m, -4
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
