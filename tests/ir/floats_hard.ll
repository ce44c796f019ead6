; Vectors, and values that are not quite quiet.
; passes: floats

; Any lane of a constant vector may be neutral. It is fenced, not loaded.
; CHECK-LABEL: @f0(
; CHECK: [[C:%.*]] = call <2 x double> @llvm.arithmetic.fence.v2f64(<2 x double> <double 1.0{{.*}}, double 2.0{{.*}}>)
; CHECK: fmul <2 x double> %x, [[C]]
define <2 x double> @f0(ptr swiftself %ctx, <2 x double> %x) {
  %y = fmul <2 x double> %x, <double 1.0, double 2.0>
  ret <2 x double> %y
}

; One operand is quiet, the other a NaN that is a constant: that one may signal.
; CHECK-LABEL: @f1(
; CHECK: [[MAX:%.*]] = call double @llvm.maximum.f64
; CHECK: [[QUIET:%.*]] = fmul double [[MAX]],
; CHECK: ret double [[QUIET]]
define double @f1(ptr swiftself %ctx, double %x) {
  %a = fadd double %x, 3.0
  %b = call double @llvm.maximum.f64(double %a, double 0x7FF4000000000000)
  ret double %b
}

declare double @llvm.maximum.f64(double, double)
