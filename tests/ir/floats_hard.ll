; Vectors, values that are not quite quiet, and RISC-V, whose rounding leaves every NaN alone.
; passes: floats
; target: riscv64-linux-gnu

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

; The sign of a value does not make it quiet: the operand of the rounding may signal.
; CHECK-LABEL: @f2(
; CHECK: [[FLOOR:%.*]] = call double @llvm.floor.f64(double %a)
; CHECK: [[QUIET:%.*]] = fmul double [[FLOOR]],
; CHECK: ret double [[QUIET]]
define double @f2(ptr swiftself %ctx, double %x) {
  %a = fneg double %x
  %b = call double @llvm.floor.f64(double %a)
  ret double %b
}

; Both halves of a chain are finished: what the rounding gives is an operand of the demotion's
; promotion, and the multiplication that quiets it is no constant of the guest's.
; CHECK-LABEL: @f3(
; CHECK: [[FLOOR:%.*]] = call float @llvm.floor.f32(float %x)
; CHECK: [[QUIET:%.*]] = fmul float [[FLOOR]],
; CHECK: [[WIDE:%.*]] = fpext float [[QUIET]] to double
; CHECK: [[AGAIN:%.*]] = fmul double [[WIDE]],
; CHECK: fptrunc double [[AGAIN]] to float
define float @f3(ptr swiftself %ctx, float %x) {
  %a = call float @llvm.floor.f32(float %x)
  %b = fpext float %a to double
  %c = fptrunc double %b to float
  ret float %c
}

declare double @llvm.maximum.f64(double, double)
declare double @llvm.floor.f64(double)
declare float @llvm.floor.f32(float)
