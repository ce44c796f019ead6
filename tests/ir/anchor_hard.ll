; A shared memory, whose base is loaded, with a maximum that leaves 65,532 pages of slack.
; passes: anchor
; memory: 1 4 shared imported

; The higher address comes first, the lower one before anybody could see a difference: the lower one
; is the anchor of both. Constants are added and subtracted on the way.
; CHECK-LABEL: @f0(
; CHECK: [[LOW:%.*]] = add i32 %p, 4
; CHECK: [[WIDE:%.*]] = zext i32 [[LOW]] to i64
; CHECK: [[ANCHOR:%.*]] = getelementptr {{.*}}i8, ptr %base, i64 [[WIDE]]
; CHECK: [[A:%.*]] = getelementptr {{.*}}i8, ptr [[ANCHOR]], i64 16
; CHECK: load i32, ptr [[A]]
; CHECK: load i32, ptr [[ANCHOR]]
define i32 @f0(ptr swiftself %ctx, i32 %p) {
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %high = add i32 %p, 24
  %up = sub i32 %high, 4
  %up64 = zext i32 %up to i64
  %a = getelementptr i8, ptr %base, i64 %up64
  %x = load i32, ptr %a, align 1
  %low = add i32 %p, 4
  %low64 = zext i32 %low to i64
  %b = getelementptr i8, ptr %base, i64 %low64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}

; The anchor is in the preheader, the access in a loop that it dominates. Another pointer of the same
; distance, %other, is no part of it.
; CHECK-LABEL: @f1(
; CHECK: loop:
; CHECK: [[B:%.*]] = getelementptr {{.*}}i8, ptr %a, i64 64
; CHECK: load i32, ptr [[B]]
; CHECK: store i32 {{.*}}, ptr %c
define void @f1(ptr swiftself %ctx, i32 %p, i32 %other, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %base, i64 %p64
  store i32 0, ptr %a, align 1
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = add i32 %p, 64
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %base, i64 %q64
  %x = load i32, ptr %b, align 1
  %r = add i32 %other, 64
  %r64 = zext i32 %r to i64
  %c = getelementptr i8, ptr %base, i64 %r64
  store i32 %x, ptr %c, align 1
  %next = add i32 %i, 1
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; An atomic access is an anchor as well; the check of its alignment is a trap of its own in between.
; CHECK-LABEL: @f2(
; CHECK: atomicrmw add ptr %a
; CHECK: [[B:%.*]] = getelementptr {{.*}}i8, ptr %a, i64 8
; CHECK: store atomic i32 1, ptr [[B]] seq_cst
define void @f2(ptr swiftself %ctx, i32 %p) {
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %base, i64 %p64
  %old = atomicrmw add ptr %a, i32 1 seq_cst
  %q = add i32 %p, 8
  %low = and i32 %q, 3
  %odd = icmp ne i32 %low, 0
  br i1 %odd, label %trap, label %fine
fine:
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %base, i64 %q64
  store atomic i32 1, ptr %b seq_cst, align 4
  ret void
trap:
  call void @llvm.ubsantrap(i8 1)
  unreachable
}

declare void @llvm.ubsantrap(i8)

!0 = !{}
