; What is done by words of 32 bits, and can be done at once.
; passes: idioms
; memory: 1 none

declare i32 @llvm.cttz.i32(i32, i1)
declare i32 @llvm.ctlz.i32(i32, i1)

; Trailing zeros of the low half, or 32 and those of the high one: of 0 both have 64.
; CHECK-LABEL: @f0(
; CHECK: [[C:%.*]] = call i64 @llvm.cttz.i64(i64 %v, i1 false)
; CHECK-NEXT: [[T:%.*]] = trunc i64 [[C]] to i32
; CHECK-NEXT: ret i32 [[T]]
define i32 @f0(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %l = call i32 @llvm.cttz.i32(i32 %low, i1 false)
  %h = call i32 @llvm.cttz.i32(i32 %high, i1 false)
  %sum = add i32 %h, 32
  %is_zero = icmp eq i32 %low, 0
  %c = select i1 %is_zero, i32 %sum, i32 %l
  ret i32 %c
}

; The other way round. Of 0 `xor` makes 0, and not 64.
; CHECK-LABEL: @f1(
; CHECK: [[C:%.*]] = call i64 @llvm.cttz.i64(i64 %v, i1 false)
; CHECK-NEXT: [[T:%.*]] = trunc i64 [[C]] to i32
; CHECK-NEXT: [[R:%.*]] = and i32 [[T]], 63
; CHECK-NEXT: ret i32 [[R]]
define i32 @f1(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %l = call i32 @llvm.cttz.i32(i32 %low, i1 true)
  %h = call i32 @llvm.cttz.i32(i32 %high, i1 false)
  %sum = xor i32 %h, 32
  %is_set = icmp ne i32 %low, 0
  %c = select i1 %is_set, i32 %l, i32 %sum
  ret i32 %c
}

; Leading zeros, by what is left of the high half, and by how large the number is. Of 0 `or` makes 32.
; CHECK-LABEL: @f2(
; CHECK: [[C:%.*]] = call i64 @llvm.ctlz.i64(i64 %v, i1 false)
; CHECK-NEXT: [[T:%.*]] = trunc i64 [[C]] to i32
; CHECK-NEXT: [[HALF:%.*]] = lshr i32 [[T]], 1
; CHECK-NEXT: [[LESS:%.*]] = and i32 [[HALF]], 32
; CHECK-NEXT: [[R:%.*]] = sub i32 [[T]], [[LESS]]
; CHECK-NEXT: ret i32 [[R]]
define i32 @f2(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %h = call i32 @llvm.ctlz.i32(i32 %high, i1 false)
  %l = call i32 @llvm.ctlz.i32(i32 %low, i1 false)
  %sum = or i32 %l, 32
  %is_zero = icmp eq i64 %shifted, 0
  %c = select i1 %is_zero, i32 %sum, i32 %h
  ret i32 %c
}

; CHECK-LABEL: @f3(
; CHECK: call i64 @llvm.ctlz.i64(i64 %v, i1 false)
; CHECK-NOT: select
; CHECK-LABEL: @f4(
define i32 @f3(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %h = call i32 @llvm.ctlz.i32(i32 %high, i1 false)
  %l = call i32 @llvm.ctlz.i32(i32 %low, i1 false)
  %sum = add i32 %l, 32
  %is_large = icmp ugt i64 %v, 4294967295
  %c = select i1 %is_large, i32 %h, i32 %sum
  ret i32 %c
}

; Four words compared with the same: the loads stay what they are.
; CHECK-NOT: mul
; CHECK: [[A:%.*]] = load i32, ptr %ctx
; CHECK: [[V0:%.*]] = insertelement <4 x i32> poison, i32 [[A]], i32 0
; CHECK: [[V3:%.*]] = insertelement <4 x i32> {{.*}}, i32 3
; CHECK: [[V:%.*]] = bitcast <4 x i32> [[V3]] to <16 x i8>
; CHECK: [[S:%.*]] = bitcast <4 x i32> {{.*}} to <16 x i8>
; CHECK: [[NE:%.*]] = icmp ne <16 x i8> [[V]], [[S]]
; CHECK: [[BITS:%.*]] = bitcast <16 x i1> [[NE]] to i16
; CHECK: [[R:%.*]] = zext i16 [[BITS]] to i32
; CHECK-NOT: mul
; CHECK: ret i32
define i32 @f4(ptr swiftself %ctx, i32 %s) {
  %a = load i32, ptr %ctx, align 1
  %pb = getelementptr i8, ptr %ctx, i64 4
  %b = load i32, ptr %pb, align 1
  %pc = getelementptr i8, ptr %ctx, i64 8
  %c = load i32, ptr %pc, align 1
  %pd = getelementptr i8, ptr %ctx, i64 12
  %d = load i32, ptr %pd, align 1
  %ax = xor i32 %a, %s
  %a1 = or i32 %ax, -2139062144
  %a2 = add i32 %a1, -16843009
  %a3 = or i32 %a2, %ax
  %a4 = and i32 %a3, -2139062144
  %a5 = mul i32 %a4, 2113665
  %a6 = lshr i32 %a5, 28
  %bx = xor i32 %s, %b
  %b1 = or i32 %bx, -2139062144
  %b2 = add i32 %b1, -16843009
  %b3 = or i32 %bx, %b2
  %b4 = and i32 %b3, -2139062144
  %b5 = mul i32 %b4, 2113665
  %b6 = lshr i32 %b5, 24
  %b7 = and i32 %b6, 240
  %ab = or i32 %a6, %b7
  %cx = xor i32 %c, %s
  %c1 = or i32 %cx, -2139062144
  %c2 = add i32 %c1, -16843009
  %c3 = or i32 %c2, %cx
  %c4 = and i32 %c3, -2139062144
  %c5 = mul i32 %c4, 2113665
  %c6 = lshr i32 %c5, 28
  %c7 = shl i32 %c6, 8
  %abc = or i32 %ab, %c7
  %dx = xor i32 %d, %s
  %d1 = or i32 %dx, -2139062144
  %d2 = add i32 %d1, -16843009
  %d3 = or i32 %d2, %dx
  %d4 = and i32 %d3, -2139062144
  %d5 = mul i32 %d4, 2113665
  %d6 = lshr i32 %d5, 28
  %d7 = shl i32 %d6, 12
  %abcd = or i32 %abc, %d7
  ret i32 %abcd
}
