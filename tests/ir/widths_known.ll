; Loads of which only a part is used, because of what is known of another operand.
; passes: widths
; memory: 1 none

; Above, the other operand is 0.
; CHECK-LABEL: @f0(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i64 @f0(ptr swiftself %ctx, i32 %y) {
  %x = load i64, ptr %ctx, align 1
  %z = zext i32 %y to i64
  %r = and i64 %x, %z
  ret i64 %r
}

; Above, it is all ones.
; CHECK-LABEL: @f1(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i64 @f1(ptr swiftself %ctx, i64 %y) {
  %x = load i64, ptr %ctx, align 1
  %z = or i64 %y, -4294967296
  %r = or i64 %x, %z
  ret i64 %r
}

; The product has nothing of the factor's upper half.
; CHECK-LABEL: @f2(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i64 @f2(ptr swiftself %ctx, i64 %y) {
  %x = load i64, ptr %ctx, align 1
  %z = shl i64 %y, 32
  %r = mul i64 %x, %z
  ret i64 %r
}

; Nor has what is shifted by so much at once, or one after the other.
; CHECK-LABEL: @f3(
; CHECK: {{freeze i64 %x|load volatile i64}}
; CHECK: {{freeze i64 %y|load volatile i64}}
define i64 @f3(ptr swiftself %ctx, i64 %by) {
  %x = load i64, ptr %ctx, align 1
  %p = getelementptr i8, ptr %ctx, i64 8
  %y = load i64, ptr %p, align 1
  %a = shl i64 %x, 32
  %b = shl i64 %y, 5
  %c = add i64 %b, %by
  %d = shl i64 %c, 5
  %r = xor i64 %a, %d
  ret i64 %r
}

; Of a count a few bits are needed, and none where zero is rotated: no freeze helps there.
; CHECK-LABEL: @f4(
; CHECK: load volatile i32
define i1 @f4(ptr swiftself %ctx, i32 %y) {
  %x = load i32, ptr %ctx, align 1
  %r = call i32 @llvm.fshl.i32(i32 %y, i32 %y, i32 %x)
  %z = icmp eq i32 %r, 0
  ret i1 %z
}

; A lane that is compared may be decided by the other one's constant.
; CHECK-LABEL: @f5(
; CHECK: {{asm sideeffect "", "x"\(<2 x i64> %v\)|load volatile i64}}
define <2 x i64> @f5(ptr swiftself %ctx) {
  %x = load i64, ptr %ctx, align 1
  %v = insertelement <2 x i64> zeroinitializer, i64 %x, i64 0
  %c = icmp sgt <2 x i64> %v, <i64 0, i64 7>
  %r = sext <2 x i1> %c to <2 x i64>
  ret <2 x i64> %r
}

; Behind a value of either of two ways, too.
; CHECK-LABEL: @f6(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i8 @f6(ptr swiftself %ctx, i1 %c, i64 %y) {
  %x = load i64, ptr %ctx, align 1
  br i1 %c, label %one, label %two

one:
  br label %two

two:
  %v = phi i64 [ %x, %0 ], [ %y, %one ]
  %r = trunc i64 %v to i8
  ret i8 %r
}

; There is no part of a byte, and an index that is multiplied loses none.
; CHECK-LABEL: @f7(
; CHECK-NOT: {{freeze|volatile}}
; CHECK: ret i32
define i32 @f7(ptr swiftself %ctx, i32 %y) {
  %x = load i8, ptr %ctx, align 1
  %w = zext i8 %x to i32
  %m = and i32 %w, 15
  %p = getelementptr i8, ptr %ctx, i64 8
  %i = load i32, ptr %p, align 1
  %n = shl i32 %i, 3
  %z = zext i32 %n to i64
  %q = getelementptr i8, ptr %ctx, i64 %z
  %e = load i32, ptr %q, align 1
  %s = sub i32 %e, %m
  ret i32 %s
}

; Every lane of a splat is all of the load.
; CHECK-LABEL: @f8(
; CHECK-NOT: {{freeze|volatile}}
; CHECK: ret <4 x i32>
define <4 x i32> @f8(ptr swiftself %ctx) {
  %x = load i32, ptr %ctx, align 1
  %v = insertelement <4 x i32> poison, i32 %x, i64 0
  %r = shufflevector <4 x i32> %v, <4 x i32> poison, <4 x i32> zeroinitializer
  ret <4 x i32> %r
}

; Also when it is made of its bytes; not when one of them is left out.
; CHECK-LABEL: @f9(
; CHECK-NOT: {{freeze|volatile}}
; CHECK: ret <8 x i16>
define <8 x i16> @f9(ptr swiftself %ctx) {
  %x = load i32, ptr %ctx, align 1
  %v = insertelement <4 x i32> poison, i32 %x, i64 0
  %b = bitcast <4 x i32> %v to <8 x i16>
  %r = shufflevector <8 x i16> %b, <8 x i16> poison, <8 x i32> <i32 0, i32 1, i32 0, i32 1, i32 0, i32 1, i32 0, i32 1>
  ret <8 x i16> %r
}

; CHECK-LABEL: @f10(
; CHECK: load volatile i32
; CHECK: ret <8 x i16>
define <8 x i16> @f10(ptr swiftself %ctx) {
  %x = load i32, ptr %ctx, align 1
  %v = insertelement <4 x i32> poison, i32 %x, i64 0
  %b = bitcast <4 x i32> %v to <8 x i16>
  %r = shufflevector <8 x i16> %b, <8 x i16> poison, <8 x i32> zeroinitializer
  ret <8 x i16> %r
}

declare i32 @llvm.fshl.i32(i32, i32, i32)
