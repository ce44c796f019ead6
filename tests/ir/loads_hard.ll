; Loads for which it takes a second look.
; passes: loads forget-loads
; memory: 1 none

; A phi at the end of the load's block takes it, whatever becomes of it; a phi that nobody needs does
; not.
; CHECK-LABEL: @f0(
; CHECK: %x = load i32
; CHECK: %y = load volatile i32
define i32 @f0(ptr swiftself %ctx, i32 %c) {
entry:
  %is = icmp ne i32 %c, 0
  br i1 %is, label %then, label %join
then:
  %p = getelementptr i8, ptr %ctx, i64 64
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  br label %join
join:
  %taken = phi i32 [ %x, %then ], [ 0, %entry ]
  %dead = phi i32 [ %y, %then ], [ 0, %entry ]
  ret i32 %taken
}

; A phi takes the value in a block behind a branch: the load itself may be moved there.
; CHECK-LABEL: @f1(
; CHECK: %x = load volatile i32
define i32 @f1(ptr swiftself %ctx, i32 %c) {
entry:
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %is = icmp ne i32 %c, 0
  br i1 %is, label %then, label %join
then:
  br label %join
join:
  %taken = phi i32 [ %x, %then ], [ 0, %entry ]
  ret i32 %taken
}

; Half of a vector is converted: InstCombine would load that half.
; CHECK-LABEL: @f2(
; CHECK: %x = load volatile <4 x float>
define <2 x double> @f2(ptr swiftself %ctx) {
  %x = load volatile <4 x float>, ptr %ctx, align 1, !tbaa !0
  %low = shufflevector <4 x float> %x, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %wide = fpext <2 x float> %low to <2 x double>
  ret <2 x double> %wide
}

; Casts to two types: no one load has both.
; CHECK-LABEL: @f3(
; CHECK: %x = load i32
; CHECK: bitcast
define float @f3(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = bitcast i32 %x to float
  store i32 %x, ptr %ctx, align 1, !tbaa !0
  ret float %y
}

; Atomic loads are none of this.
; CHECK-LABEL: @f4(
; CHECK: load atomic volatile i32
define i32 @f4(ptr swiftself %ctx) {
  %x = load atomic volatile i32, ptr %ctx seq_cst, align 4
  ret i32 %x
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
