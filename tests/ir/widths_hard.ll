; Parts that are taken further on.
; passes: widths
; memory: 1 none

; Behind a chain of what works bit by bit or carries upwards only.
; CHECK-LABEL: @f0(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i32 @f0(ptr swiftself %ctx, i64 %y) {
  %x = load i64, ptr %ctx, align 1
  %a = add i64 %x, %y
  %b = mul i64 %a, 3
  %c = xor i64 %b, %y
  %low = trunc i64 %c to i32
  ret i32 %low
}

; Float arithmetic on vectors works lane by lane: what needs one lane of the sum needs one of each
; operand. A part is taken by one of two uses only, which is enough.
; CHECK-LABEL: @f1(
; CHECK-DAG: {{freeze <4 x float> %x|%x = load volatile <4 x float>}}
; CHECK-DAG: {{freeze <4 x float> %y|%y = load volatile <4 x float>}}
; CHECK: fadd <4 x float>
define float @f1(ptr swiftself %ctx) {
  %x = load <4 x float>, ptr %ctx, align 1
  %p = getelementptr i8, ptr %ctx, i64 16
  %y = load <4 x float>, ptr %p, align 1
  %sum = fadd <4 x float> %x, %y
  store <4 x float> %sum, ptr %p, align 1
  %lane = extractelement <4 x float> %sum, i32 3
  ret float %lane
}

; More instructions on the way than are followed: too far to tell is as if a part were taken.
; CHECK-LABEL: @f2(
; CHECK: {{freeze i64 %x|load volatile i64}}
define i64 @f2(ptr swiftself %ctx, i64 %y) {
  %x = load i64, ptr %ctx, align 1
  %a0 = add i64 %x, %y
  %a1 = add i64 %a0, %y
  %a2 = add i64 %a1, %y
  %a3 = add i64 %a2, %y
  %a4 = add i64 %a3, %y
  %a5 = add i64 %a4, %y
  %a6 = add i64 %a5, %y
  %a7 = add i64 %a6, %y
  %a8 = add i64 %a7, %y
  %a9 = add i64 %a8, %y
  %a10 = add i64 %a9, %y
  %a11 = add i64 %a10, %y
  %a12 = add i64 %a11, %y
  %a13 = add i64 %a12, %y
  %a14 = add i64 %a13, %y
  %a15 = add i64 %a14, %y
  %a16 = add i64 %a15, %y
  %a17 = add i64 %a16, %y
  %a18 = add i64 %a17, %y
  %a19 = add i64 %a18, %y
  %a20 = add i64 %a19, %y
  %a21 = add i64 %a20, %y
  %a22 = add i64 %a21, %y
  %a23 = add i64 %a22, %y
  %a24 = add i64 %a23, %y
  %a25 = add i64 %a24, %y
  %a26 = add i64 %a25, %y
  %a27 = add i64 %a26, %y
  %a28 = add i64 %a27, %y
  %a29 = add i64 %a28, %y
  %a30 = add i64 %a29, %y
  %a31 = add i64 %a30, %y
  %a32 = add i64 %a31, %y
  ret i64 %a32
}
