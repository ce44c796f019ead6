; Addresses that look as if they were a distance above another, and must stay sums of 32 bits.
; passes: anchor
; memory: 1 none

; p lies below p + 8, not above, and what was accessed was p + 8: p may be 2^32 - 8. A store in front
; of it, so that the second cannot be accessed first either.
; CHECK-LABEL: @f0(
; CHECK: store i32 1, ptr %a
; CHECK: %q64 = zext i32 %p to i64
; CHECK-NEXT: %b = getelementptr i8, ptr %ctx, i64 %q64
; CHECK-NEXT: load i32, ptr %b
define i32 @f0(ptr swiftself %ctx, i32 %p) {
  %up = add i32 %p, 8
  %p64 = zext i32 %up to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  store i32 1, ptr %a, align 1
  %q64 = zext i32 %p to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  ret i32 %y
}

; The access at p is made on one way only: on the other p may be anything, and p + 8 may wrap.
; CHECK-LABEL: @f1(
; CHECK: then:
; CHECK: join:
; CHECK: %b = getelementptr i8, ptr %ctx, i64 %q64
; CHECK-NEXT: load i32, ptr %b
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %c) {
  %is = icmp ne i32 %c, 0
  br i1 %is, label %then, label %join
then:
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  store i32 1, ptr %a, align 1
  br label %join
join:
  %q = add i32 %p, 8
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  ret i32 %y
}

; One byte more than the slack: p may be 2^32 - 65537, where p + 65537 wraps to 0.
; CHECK-LABEL: @f2(
; CHECK: %b = getelementptr i8, ptr %ctx, i64 %q64
; CHECK-NEXT: load i32, ptr %b
define i32 @f2(ptr swiftself %ctx, i32 %p) {
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  %x = load i32, ptr %a, align 1
  %q = add i32 %p, 65537
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}

; Nothing has accessed memory 0 at p: the first address is that of a global below the context.
; CHECK-LABEL: @f3(
; CHECK: %b = getelementptr i8, ptr %ctx, i64 %q64
; CHECK-NEXT: load i32, ptr %b
define i32 @f3(ptr swiftself %ctx, i32 %p) {
  %g = getelementptr i8, ptr %ctx, i64 -128
  store i32 %p, ptr %g, align 4
  %q = add i32 %p, 8
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  ret i32 %y
}

; Loads at p + 8 and then p, with a call between them that may be seen: the second must not become
; the anchor of the first, for it may trap where the call has to come first.
; CHECK-LABEL: @f4(
; CHECK: %a = getelementptr i8, ptr %ctx, i64 %up64
; CHECK-NEXT: load i32, ptr %a
define i32 @f4(ptr swiftself %ctx, i32 %p) {
  %up = add i32 %p, 8
  %up64 = zext i32 %up to i64
  %a = getelementptr i8, ptr %ctx, i64 %up64
  %x = load i32, ptr %a, align 1
  call void @seen()
  %p64 = zext i32 %p to i64
  %b = getelementptr i8, ptr %ctx, i64 %p64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}

declare void @seen()
