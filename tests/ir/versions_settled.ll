; Behind the vectoriser: it has made vectors of the first loop, and left the second. The first keeps its
; condition, that of the second is false from now on: the loop itself is run, not its copy.
; passes: loop-form versions vectorize settle-versions
; memory: 1 4 shared imported
; target: x86_64-linux-gnu haswell

; CHECK-LABEL: @f0(
; CHECK: load atomic i64, ptr {{.*}} unordered, align 8
; CHECK: [[OUT:%.*]] = freeze i1
; CHECK: [[IN:%.*]] = xor i1 [[OUT]], true
; CHECK: br i1 [[IN]],
; CHECK: store <
define void @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %base, i64 %z
  store i32 7, ptr %a, align 1
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Each store is where the next load is.
; CHECK-LABEL: @f1(
; CHECK: br i1 false,
; CHECK-NOT: store <
; CHECK: ret void
define void @f1(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %base, i64 %z
  %x = load i32, ptr %a, align 1
  %y = mul i32 %x, %q
  %b = getelementptr i8, ptr %a, i64 4
  store i32 %y, ptr %b, align 1
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Vectors do it all in one iteration, which is no loop: they are entered on a condition all the same.
; CHECK-LABEL: @f2(
; CHECK-NOT: br i1 false
; CHECK: store <
define void @f2(ptr swiftself %ctx, i32 %p) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %base, i64 %z
  store i32 7, ptr %a, align 1
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, 32
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

!0 = !{}
