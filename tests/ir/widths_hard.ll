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
  %a = add i64 %x, %y
  %b = add i64 %a, %a
  %c = add i64 %b, %a
  %d = add i64 %c, %b
  %e = add i64 %d, %c
  %f = add i64 %e, %d
  %g = add i64 %f, %e
  %h = add i64 %g, %f
  %i = add i64 %h, %g
  ret i64 %i
}
