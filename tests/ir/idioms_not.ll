; What only looks as if it were done by words.
; passes: idioms
; memory: 1 none
; CHECK-NOT: @llvm.cttz.i64
; CHECK-NOT: insertelement

declare i32 @llvm.cttz.i32(i32, i1)
declare i32 @llvm.ctlz.i32(i32, i1)

; The halves are of two numbers.
define i32 @f0(ptr swiftself %ctx, i64 %v, i64 %w) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %w, 32
  %high = trunc i64 %shifted to i32
  %l = call i32 @llvm.cttz.i32(i32 %low, i1 false)
  %h = call i32 @llvm.cttz.i32(i32 %high, i1 false)
  %sum = add i32 %h, 32
  %is_zero = icmp eq i32 %low, 0
  %c = select i1 %is_zero, i32 %sum, i32 %l
  ret i32 %c
}

; It is the high half that is asked about, and the trailing zeros that are counted.
define i32 @f1(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %l = call i32 @llvm.cttz.i32(i32 %low, i1 false)
  %h = call i32 @llvm.cttz.i32(i32 %high, i1 false)
  %sum = add i32 %h, 32
  %is_zero = icmp eq i32 %high, 0
  %c = select i1 %is_zero, i32 %sum, i32 %l
  ret i32 %c
}

; Leading zeros of one half, trailing ones of the other; 31; the two the wrong way round.
define i32 @f2(ptr swiftself %ctx, i64 %v) {
  %low = trunc i64 %v to i32
  %shifted = lshr i64 %v, 32
  %high = trunc i64 %shifted to i32
  %l = call i32 @llvm.cttz.i32(i32 %low, i1 false)
  %h = call i32 @llvm.ctlz.i32(i32 %high, i1 false)
  %sum = add i32 %h, 32
  %is_zero = icmp eq i32 %low, 0
  %c = select i1 %is_zero, i32 %sum, i32 %l
  %t = call i32 @llvm.cttz.i32(i32 %high, i1 false)
  %less = add i32 %t, 31
  %d = select i1 %is_zero, i32 %less, i32 %l
  %sum2 = add i32 %t, 32
  %e = select i1 %is_zero, i32 %l, i32 %sum2
  %cd = mul i32 %c, %d
  %cde = mul i32 %cd, %e
  ret i32 %cde
}

; Three words, and one of them twice at one place.
define i32 @f3(ptr swiftself %ctx, i32 %a, i32 %b, i32 %c) {
  %a1 = or i32 %a, -2139062144
  %a2 = add i32 %a1, -16843009
  %a3 = or i32 %a2, %a
  %a4 = and i32 %a3, -2139062144
  %a5 = mul i32 %a4, 2113665
  %a6 = lshr i32 %a5, 28
  %b1 = or i32 %b, -2139062144
  %b2 = add i32 %b1, -16843009
  %b3 = or i32 %b2, %b
  %b4 = and i32 %b3, -2139062144
  %b5 = mul i32 %b4, 2113665
  %b6 = lshr i32 %b5, 24
  %b7 = and i32 %b6, 240
  %ab = or i32 %a6, %b7
  %c1 = or i32 %c, -2139062144
  %c2 = add i32 %c1, -16843009
  %c3 = or i32 %c2, %c
  %c4 = and i32 %c3, -2139062144
  %c5 = mul i32 %c4, 2113665
  %c6 = lshr i32 %c5, 28
  %c7 = shl i32 %c6, 8
  %abc = or i32 %ab, %c7
  %all = or i32 %abc, %c7
  ret i32 %all
}

; Four words, of which the last is shifted out of the number of 32 bits.
define i64 @f4(ptr swiftself %ctx, i32 %a, i32 %b, i32 %c, i32 %d) {
  %a1 = or i32 %a, -2139062144
  %a2 = add i32 %a1, -16843009
  %a3 = or i32 %a2, %a
  %a4 = and i32 %a3, -2139062144
  %a5 = mul i32 %a4, 2113665
  %a6 = lshr i32 %a5, 28
  %b1 = or i32 %b, -2139062144
  %b2 = add i32 %b1, -16843009
  %b3 = or i32 %b2, %b
  %b4 = and i32 %b3, -2139062144
  %b5 = mul i32 %b4, 2113665
  %b6 = lshr i32 %b5, 24
  %b7 = and i32 %b6, 240
  %ab = or i32 %a6, %b7
  %c1 = or i32 %c, -2139062144
  %c2 = add i32 %c1, -16843009
  %c3 = or i32 %c2, %c
  %c4 = and i32 %c3, -2139062144
  %c5 = mul i32 %c4, 2113665
  %c6 = lshr i32 %c5, 28
  %c7 = shl i32 %c6, 8
  %abc = or i32 %ab, %c7
  %d1 = or i32 %d, -2139062144
  %d2 = add i32 %d1, -16843009
  %d3 = or i32 %d2, %d
  %d4 = and i32 %d3, -2139062144
  %d5 = mul i32 %d4, 2113665
  %d6 = lshr i32 %d5, 28
  %d7 = shl i32 %d6, 12
  %d8 = shl i32 %d7, 24
  %abcd = or i32 %abc, %d8
  %wide = zext i32 %abcd to i64
  ret i64 %wide
}
