; Loads of which only a part is used: instruction selection would load no more than that, and an
; access whose other part lies outside of the memory would not trap. A freeze needs all of it; before
; LLVM 19 the load is made volatile instead.
; passes: widths
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: {{freeze i64 %x|load volatile i64}}
; CHECK: trunc i64
define i32 @f0(ptr swiftself %ctx) {
  %x = load i64, ptr %ctx, align 1
  %low = trunc i64 %x to i32
  ret i32 %low
}

; CHECK-LABEL: @f1(
; CHECK: {{freeze i32 %x|load volatile i32}}
; CHECK: lshr i32
define i32 @f1(ptr swiftself %ctx) {
  %x = load i32, ptr %ctx, align 1
  %high = lshr i32 %x, 16
  ret i32 %high
}

; CHECK-LABEL: @f2(
; CHECK: {{freeze <4 x i32> %x|load volatile <4 x i32>}}
; CHECK: extractelement
define i32 @f2(ptr swiftself %ctx) {
  %x = load <4 x i32>, ptr %ctx, align 1
  %lane = extractelement <4 x i32> %x, i32 0
  ret i32 %lane
}
