; What LLVM cannot fold to an operand, or what a signalling NaN cannot come to, stays as it is: a
; hidden constant is a load, and keeps other folding from happening.
; passes: floats

; Twice x and x + 1 are arithmetic for LLVM too; and 1 is no neutral operand of a sum, nor 0 of a
; product.
; CHECK-LABEL: @f0(
; CHECK-NOT: load
; CHECK: ret double
define double @f0(ptr swiftself %ctx, double %x) {
  %a = fmul double %x, 2.0
  %b = fadd double %a, 1.0
  %c = fmul double %b, 0.0
  %d = fsub double %c, 1.0
  ret double %d
}

; A demotion of what is no promotion.
; CHECK-LABEL: @f1(
; CHECK-NOT: load
; CHECK: ret float
define float @f1(ptr swiftself %ctx, double %x) {
  %y = fptrunc double %x to float
  ret float %y
}

; Both operands are results of arithmetic or a number: neither signals.
; CHECK-LABEL: @f2(
; CHECK-NOT: load
; CHECK: ret double
define double @f2(ptr swiftself %ctx, double %x, double %y) {
  %a = fadd double %x, %y
  %b = call double @llvm.minimum.f64(double %a, double 3.0)
  ret double %b
}

; Rounding quiets a NaN on x86-64.
; CHECK-LABEL: @f3(
; CHECK-NOT: load
; CHECK: ret double
define double @f3(ptr swiftself %ctx, double %x) {
  %a = call double @llvm.floor.f64(double %x)
  ret double %a
}

declare double @llvm.minimum.f64(double, double)
declare double @llvm.floor.f64(double)
