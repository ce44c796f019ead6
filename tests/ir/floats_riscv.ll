; On RISC-V rounding leaves alone what is an integer already, NaN among it.
; passes: floats
; target: riscv64-linux-gnu

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

declare double @llvm.floor.f64(double)
declare float @llvm.floor.f32(float)
