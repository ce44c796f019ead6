; RISC-V loads 32 bits of 64 when it extends their sign, also where the load is volatile or frozen: an
; empty assembly needs them all. It has no vector registers to load a whole vector with, so that one
; becomes volatile.
; passes: widths
; memory: 1 none
; target: riscv64-linux-gnu

; CHECK-LABEL: @f0(
; CHECK: %x = load volatile i64
; CHECK-NEXT: call void asm sideeffect "", "r"(i64 %x)
; CHECK: trunc
define i32 @f0(ptr swiftself %ctx) {
  %x = load volatile i64, ptr %ctx, align 1
  %low = trunc i64 %x to i32
  ret i32 %low
}

; CHECK-LABEL: @f1(
; CHECK: load volatile <4 x i32>
define i32 @f1(ptr swiftself %ctx) {
  %x = load <4 x i32>, ptr %ctx, align 1
  %lane = extractelement <4 x i32> %x, i32 0
  ret i32 %lane
}

; All bits are used.
; CHECK-LABEL: @f2(
; CHECK: %x = load i64
; CHECK-NOT: asm
; CHECK: ret i64
define i64 @f2(ptr swiftself %ctx) {
  %x = load i64, ptr %ctx, align 1
  ret i64 %x
}
