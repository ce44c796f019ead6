; Loads of a part of a vector, of which the code generator may find out that another part is all that is
; needed: an assembly needs the whole vector, in a register where it is anyway.
; passes: widths
; memory: 1 none
; target: x86_64-linux-gnu x86-64

; The upper byte of a lane that was widened is 0, whatever was loaded.
; CHECK-LABEL: @f0(
; CHECK: [[X:%.*]] = load <4 x i16>
; CHECK: [[W:%.*]] = zext <4 x i16> {{.*}} to <4 x i32>
; CHECK-NEXT: call void asm sideeffect "", "x"(<4 x i32> [[W]])
define i8 @f0(ptr swiftself %ctx) {
  %x = load <4 x i16>, ptr %ctx, align 1
  %w = zext <4 x i16> %x to <4 x i32>
  %v = bitcast <4 x i32> %w to <16 x i8>
  %r = extractelement <16 x i8> %v, i32 3
  ret i8 %r
}

; A lane of the guest's beside others: the load is kept by the vector it goes into.
; CHECK-LABEL: @f1(
; CHECK: [[V:%.*]] = insertelement <4 x i32> %a, i32 %x, i64 1
; CHECK-NEXT: call void asm sideeffect "", "x"(<4 x i32> [[V]])
define i32 @f1(ptr swiftself %ctx, <4 x i32> %a) {
  %x = load i32, ptr %ctx, align 1
  %v = insertelement <4 x i32> %a, i32 %x, i64 1
  %s = shufflevector <4 x i32> %v, <4 x i32> poison, <4 x i32> <i32 0, i32 0, i32 2, i32 3>
  %r = extractelement <4 x i32> %s, i32 0
  ret i32 %r
}

; All lanes are stored.
; CHECK-LABEL: @f2(
; CHECK-NOT: asm
define void @f2(ptr swiftself %ctx) {
  %x = load <4 x i16>, ptr %ctx, align 1
  %w = zext <4 x i16> %x to <4 x i32>
  store <4 x i32> %w, ptr %ctx, align 1
  ret void
}
