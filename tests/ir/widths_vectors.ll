; In front of the vectoriser only vectors are kept, which are the guest's own then; scalars have their
; turn behind the last pass.
; passes: vector-widths
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: %x = load i64
; CHECK-NOT: freeze i64
; CHECK: {{freeze <4 x i32> %y|load volatile <4 x i32>}}
; CHECK-NOT: freeze i64
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx) {
  %x = load i64, ptr %ctx, align 1
  %y = load <4 x i32>, ptr %ctx, align 1
  %low = trunc i64 %x to i32
  %lane = extractelement <4 x i32> %y, i32 0
  %sum = add i32 %low, %lane
  ret i32 %sum
}
