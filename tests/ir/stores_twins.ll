; Loads that the code generator may find to read the same place, which LLVM's passes did not: it would make
; one of them, and none when the values cancel out. All but the first stay.
; passes: stores
; memory: 1 none

; One address, computed twice.
; CHECK-LABEL: @f0(
; CHECK: load i16, ptr %p
; CHECK: load volatile i16, ptr %q
define i32 @f0(ptr swiftself %ctx, i32 %a, i32 %n) {
  %i = shl i32 %n, 1
  %c = add i32 %a, %i
  %z = zext i32 %c to i64
  %p = getelementptr i8, ptr %ctx, i64 %z
  %x = load i16, ptr %p, align 1
  %j = shl i32 %n, 1
  %d = add i32 %a, %j
  %w = zext i32 %d to i64
  %q = getelementptr i8, ptr %ctx, i64 %w
  %y = load i16, ptr %q, align 1
  %difference = xor i16 %x, %y
  %r = zext i16 %difference to i32
  ret i32 %r
}

; Two fields, and elements beside each other, are not the same place; nor are those of two bases.
; CHECK-LABEL: @f1(
; CHECK: load i32, ptr %p
; CHECK: load i32, ptr %q
; CHECK: load i32, ptr %s
; CHECK: load i32, ptr %t
define i32 @f1(ptr swiftself %ctx, i32 %a, i32 %b) {
  %z = zext i32 %a to i64
  %base = getelementptr i8, ptr %ctx, i64 %z
  %p = getelementptr i8, ptr %base, i64 4
  %x = load i32, ptr %p, align 1
  %q = getelementptr i8, ptr %base, i64 8
  %y = load i32, ptr %q, align 1
  %next = add i32 %a, 16
  %w = zext i32 %next to i64
  %s = getelementptr i8, ptr %ctx, i64 %w
  %u = load i32, ptr %s, align 1
  %v = zext i32 %b to i64
  %t = getelementptr i8, ptr %ctx, i64 %v
  %o = load i32, ptr %t, align 1
  %xy = sub i32 %x, %y
  %uo = sub i32 %u, %o
  %r = xor i32 %xy, %uo
  ret i32 %r
}

; The same sum of constants in another order.
; CHECK-LABEL: @f2(
; CHECK: load i32, ptr %p
; CHECK: load volatile i32, ptr %q
define i32 @f2(ptr swiftself %ctx, i32 %a) {
  %z = zext i32 %a to i64
  %base = getelementptr i8, ptr %ctx, i64 %z
  %p = getelementptr i8, ptr %base, i64 8
  %x = load i32, ptr %p, align 1
  %next = add nuw i32 %a, 8
  %w = zext i32 %next to i64
  %q = getelementptr i8, ptr %ctx, i64 %w
  %y = load i32, ptr %q, align 1
  %r = sub i32 %x, %y
  ret i32 %r
}

; The code generator finds out what was computed in front of a loop, and makes one of two induction variables
; that grow alike.
; CHECK-LABEL: @f3(
; CHECK: load i16, ptr %p
; CHECK: load volatile i16, ptr %q
define void @f3(ptr swiftself %ctx, i32 %a, i32 %b, i32 %n) {
  %ahead = add i32 %b, 8
  %further = add i32 %a, 8
  br label %loop

loop:
  %i = phi i32 [ %a, %0 ], [ %i.next, %loop ]
  %j = phi i32 [ %further, %0 ], [ %j.next, %loop ]
  %c = add i32 %ahead, %i
  %z = zext i32 %c to i64
  %p = getelementptr i8, ptr %ctx, i64 %z
  %x = load i16, ptr %p, align 1
  %d = add i32 %b, %j
  %w = zext i32 %d to i64
  %q = getelementptr i8, ptr %ctx, i64 %w
  %y = load i16, ptr %q, align 1
  %difference = xor i16 %x, %y
  store i16 %difference, ptr %ctx, align 1
  %i.next = add i32 %i, 4
  %j.next = add i32 %j, 4
  %more = icmp ne i32 %i.next, %n
  br i1 %more, label %loop, label %end

end:
  ret void
}

; Induction variables that start elsewhere, or grow by something else, are not the same.
; CHECK-LABEL: @f4(
; CHECK: load i16, ptr %p
; CHECK: load i16, ptr %q
; CHECK: load i16, ptr %s
define void @f4(ptr swiftself %ctx, i32 %n) {
  br label %loop

loop:
  %i = phi i32 [ 1024, %0 ], [ %i.next, %loop ]
  %j = phi i32 [ 2048, %0 ], [ %j.next, %loop ]
  %k = phi i32 [ 1024, %0 ], [ %k.next, %loop ]
  %z = zext i32 %i to i64
  %p = getelementptr i8, ptr %ctx, i64 %z
  %x = load i16, ptr %p, align 1
  %w = zext i32 %j to i64
  %q = getelementptr i8, ptr %ctx, i64 %w
  %y = load i16, ptr %q, align 1
  %v = zext i32 %k to i64
  %s = getelementptr i8, ptr %ctx, i64 %v
  %u = load i16, ptr %s, align 1
  %xy = xor i16 %x, %y
  %xyu = xor i16 %xy, %u
  store i16 %xyu, ptr %ctx, align 1
  %i.next = add i32 %i, 4
  %j.next = add i32 %j, 4
  %k.next = add i32 %k, 8
  %more = icmp ne i32 %i.next, %n
  br i1 %more, label %loop, label %end

end:
  ret void
}

; A number of elements and of bytes.
; CHECK-LABEL: @f5(
; CHECK: load i32, ptr %p
; CHECK: load volatile i32, ptr %q
define i32 @f5(ptr swiftself %ctx, i32 %a) {
  %z = zext i32 %a to i64
  %base = getelementptr i8, ptr %ctx, i64 %z
  %p = getelementptr i8, ptr %base, i64 8
  %x = load i32, ptr %p, align 1
  %q = getelementptr i32, ptr %base, i64 2
  %y = load i32, ptr %q, align 1
  %r = sub i32 %x, %y
  ret i32 %r
}
