; Guest loads are volatile when they are built. Those whose value matters in their own block become
; plain: LLVM may merge and move them, and does not delete them without a debug record saying so.
; passes: loads forget-loads
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: load i32, ptr %ctx
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  ret i32 %x
}

; Through arithmetic to a store, and an address of another access.
; CHECK-LABEL: @f1(
; CHECK: %x = load i32, ptr %ctx
; CHECK: %y = load i32, ptr %a
; CHECK: store i32
define void @f1(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %wide = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %wide
  %y = load volatile i32, ptr %a, align 1, !tbaa !0
  %z = add i32 %y, 1
  store i32 %z, ptr %ctx, align 1, !tbaa !0
  ret void
}

; A load that is only cast becomes one of the type that is needed: instcombine would make such a load
; itself, and kill the record of this one.
; CHECK-LABEL: @f2(
; CHECK: [[X:%.*]] = load <4 x float>, ptr %ctx, align 1, !tbaa
; CHECK-NOT: bitcast
; CHECK: ret <4 x float> [[X]]
define <4 x float> @f2(ptr swiftself %ctx) {
  %x = load volatile <2 x i64>, ptr %ctx, align 1, !tbaa !0
  %y = bitcast <2 x i64> %x to <4 x float>
  ret <4 x float> %y
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
