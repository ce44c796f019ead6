; What only looks like copies of one iteration stays as it is.
; passes: loop-form versions roll
; memory: 1 4 shared imported
; target: x86_64-linux-gnu haswell

; The second copy does something else.
; CHECK-LABEL: @f0(
; CHECK-NOT: !wasmaot.rolled
define void @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %x = load i32, ptr %pa, align 1
  %y = add i32 %x, 7
  store i32 %y, ptr %pa, align 1
  %pb = getelementptr i8, ptr %pa, i64 4
  %v = load i32, ptr %pb, align 1
  %w = add i32 %v, 8
  store i32 %w, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Two elements of four: the next iteration does not begin where the second copy ends.
; CHECK-LABEL: @f1(
; CHECK-NOT: !wasmaot.rolled
define void @f1(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %x = mul i32 %at, 3
  store i32 %x, ptr %pa, align 1
  %pb = getelementptr i8, ptr %pa, i64 4
  %y = add i32 %x, 12
  store i32 %y, ptr %pb, align 1
  %next = add i32 %i, 4
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Both loads come before both stores: the second may load what the first store has written.
; CHECK-LABEL: @f2(
; CHECK-NOT: !wasmaot.rolled
define void @f2(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %qi = add i32 %q, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %qz = zext i32 %qi to i64
  %qa = getelementptr i8, ptr %base, i64 %qz
  %qb = getelementptr i8, ptr %qa, i64 4
  %pb = getelementptr i8, ptr %pa, i64 4
  %x = load i32, ptr %qa, align 1
  %v = load i32, ptr %qb, align 1
  %y = add i32 %x, 1
  store i32 %y, ptr %pa, align 1
  %w = add i32 %v, 1
  store i32 %w, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; In a shared memory a value that two copies use is not loaded by each.
; CHECK-LABEL: @f3(
; CHECK-NOT: !wasmaot.rolled
define void @f3(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %rz = zext i32 %q to i64
  %ra = getelementptr i8, ptr %base, i64 %rz
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %x = load i32, ptr %ra, align 1
  %y = add i32 %x, 1
  %z = add i32 %x, 1
  store i32 %y, ptr %pa, align 1
  %pb = getelementptr i8, ptr %pa, i64 4
  store i32 %z, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; What is used behind the loop is not the last copy's.
; CHECK-LABEL: @f4(
; CHECK-NOT: !wasmaot.rolled
define i32 @f4(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %x = load i32, ptr %pa, align 1
  %y = add i32 %x, 7
  store i32 %y, ptr %pa, align 1
  %pb = getelementptr i8, ptr %pa, i64 4
  %v = load i32, ptr %pb, align 1
  %w = add i32 %v, 7
  store i32 %w, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %y
}

; Elements that are only copied, mostly few.
; CHECK-LABEL: @f5(
; CHECK-NOT: !wasmaot.rolled
define void @f5(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %pi = add i32 %p, %i
  %qi = add i32 %q, %i
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %qz = zext i32 %qi to i64
  %qa = getelementptr i8, ptr %base, i64 %qz
  %x = load i8, ptr %qa, align 1
  store i8 %x, ptr %pa, align 1
  %qb = getelementptr i8, ptr %qa, i64 1
  %pb = getelementptr i8, ptr %pa, i64 1
  %v = load i8, ptr %qb, align 1
  store i8 %v, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A total that a store needs as well.
; CHECK-LABEL: @f6(
; CHECK-NOT: !wasmaot.rolled
; CHECK: ret i32
define i32 @f6(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ 0, %entry ], [ %t, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %base, i64 %pz
  %x = load i32, ptr %pa, align 1
  %u = add i32 %s, %x
  %pb = getelementptr i8, ptr %pa, i64 4
  %v = load i32, ptr %pb, align 1
  %t = add i32 %u, %v
  store i32 %t, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %t
}

!0 = !{}
