; Operations that LLVM would fold to their operand: the constant is hidden behind a load that it
; cannot look through, so that arithmetic happens and a signalling NaN becomes quiet.
; passes: floats

; CHECK-LABEL: @f0(
; CHECK: [[ONE:%.*]] = load double, ptr @c64_1, {{.*}}!invariant.load
; CHECK: fmul double %x, [[ONE]]
define double @f0(ptr swiftself %ctx, double %x) {
  %y = fmul double %x, 1.0
  ret double %y
}

; CHECK-LABEL: @f1(
; CHECK: [[ZERO:%.*]] = load float, ptr @c32_0, {{.*}}!invariant.load
; CHECK: fsub float %x, [[ZERO]]
; CHECK: [[MINUS:%.*]] = load float, ptr @c32_minus_0, {{.*}}!invariant.load
; CHECK: fadd float [[MINUS]], %x
define float @f1(ptr swiftself %ctx, float %x) {
  %y = fsub float %x, 0.0
  %z = fadd float -0.0, %x
  %sum = fadd float %y, %z
  ret float %sum
}

; A division by -1 is a negation to LLVM, which changes the sign of a NaN and leaves it signalling.
; CHECK-LABEL: @f2(
; CHECK: [[ONE:%.*]] = load double, ptr @c64_minus_1, {{.*}}!invariant.load
; CHECK: fdiv double %x, [[ONE]]
define double @f2(ptr swiftself %ctx, double %x) {
  %y = fdiv double %x, -1.0
  ret double %y
}

; demote(promote x) gives x back.
; CHECK-LABEL: @f3(
; CHECK: %wide = fpext float %x to double
; CHECK: [[ONE:%.*]] = load double, ptr @c64_1
; CHECK: [[QUIET:%.*]] = fmul double %wide, [[ONE]]
; CHECK: fptrunc double [[QUIET]] to float
define float @f3(ptr swiftself %ctx, float %x) {
  %wide = fpext float %x to double
  %y = fptrunc double %wide to float
  ret float %y
}

; min(x, x) is x to LLVM.
; CHECK-LABEL: @f4(
; CHECK: [[MIN:%.*]] = call float @llvm.minimum.f32(float %x, float %x)
; CHECK: [[ONE:%.*]] = load float, ptr @c32_1
; CHECK: [[QUIET:%.*]] = fmul float [[MIN]], [[ONE]]
; CHECK: ret float [[QUIET]]
define float @f4(ptr swiftself %ctx, float %x) {
  %y = call float @llvm.minimum.f32(float %x, float %x)
  ret float %y
}

declare float @llvm.minimum.f32(float, float)
