; Loops that store get two versions: what the accesses of all iterations reach is compared with the
; size of the memory first. With a fault outside, the loop does it all, which stays scalar; the copy is
; for the vectoriser.
; passes: loop-form versions
; memory: 1 none

; The last of n stores is at 4 * (n - 1). An index that rises needs no other end than that.
; CHECK-LABEL: @f0(
; CHECK: [[LAST:%.*]] = sub i32 %n, 1
; CHECK: [[TIMES:%.*]] = zext i32 [[LAST]] to i64
; CHECK: [[START:%.*]] = zext i32 %p to i64
; CHECK: [[SIZE:%.*]] = load i64, ptr {{.*}}, align 8
; CHECK: [[FAR:%.*]] = mul i64 [[TIMES]], 4
; CHECK: [[AT:%.*]] = add i64 [[START]], [[FAR]]
; CHECK: [[END:%.*]] = add i64 [[AT]], 4
; CHECK: [[OUT:%.*]] = icmp ugt i64 [[END]], [[SIZE]]
; CHECK: [[FROZEN:%.*]] = freeze i1
; CHECK: [[IN:%.*]] = xor i1 [[FROZEN]], true
; CHECK: br i1 [[IN]], label %[[FAST:.*]], label %[[SLOW:.*]], !prof
; CHECK: [[SLOW]]:
; CHECK: br label %loop
; CHECK: loop:
; CHECK: store i32 7
; CHECK: br i1 {{.*}}, !llvm.loop ![[SCALAR:[0-9]+]]
; CHECK: [[FAST]]:
; CHECK: store i32 7
; CHECK-NOT: !llvm.loop
; CHECK: exit:
define void @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  store i32 7, ptr %a, align 1
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A constant trip count: the distance is one too. A falling index may wrap below 0, so that its last
; value is looked at as well. Two accesses of one address are one range.
; CHECK-LABEL: @f1(
; CHECK: [[START:%.*]] = zext i32 %p to i64
; CHECK: icmp ugt i64 {{.*}}, [[SIZE:%.*]]
; CHECK: [[LAST:%.*]] = add i64 {{.*}}, -792
; CHECK: icmp ugt i64 [[LAST]], 4294967295
; CHECK: br i1 {{.*}}, !prof
define void @f1(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 100, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  %b = getelementptr i8, ptr %a, i64 4
  store i32 %x, ptr %b, align 1
  %r = add i32 %q, -8
  %next = add i32 %i, -1
  %done = icmp eq i32 %next, 0
  br i1 %done, label %exit, label %loop
exit:
  ret void
}

; Ordered: until one is not less any more. The first value that ends the loop must fit in its bits. What
; the loop computes comes out of either version.
; CHECK-LABEL: @f2(
; CHECK: [[TO:%.*]] = sext i32 %n to i64
; CHECK: icmp sgt i64 [[TO]], 2147483645
; CHECK: select i1 {{.*}}, i64 0, i64
; CHECK: udiv i64 {{.*}}, 3
; CHECK: br i1 {{.*}}, !prof
; CHECK: exit:
; CHECK: phi i32 [ %x{{.*}}, %loop ], [ %{{.*}}, %{{.*}} ]
; CHECK: ret i32
define i32 @f2(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  %y = add i32 %x, 1
  store i32 %y, ptr %a, align 1
  %next = add i32 %i, 3
  %more = icmp slt i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  %result = phi i32 [ %x, %loop ]
  ret i32 %result
}

; CHECK: ![[SCALAR]] = distinct !{![[SCALAR]], ![[OFF:[0-9]+]]}
; CHECK: ![[OFF]] = !{!"llvm.loop.vectorize.enable", i1 false}
