; A body that has lost its second load before keeps that one, and no other.
; passes: loads forget-loads
; memory: 1 none
; keeps: 1

; CHECK-LABEL: @f0(
; CHECK: %x = load i32
; CHECK: %y = load volatile i32
; CHECK: %z = load i32
define i32 @f0(ptr swiftself %ctx, i32 %c) {
  %p = getelementptr i8, ptr %ctx, i64 64
  %q = getelementptr i8, ptr %ctx, i64 128
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  %z = load volatile i32, ptr %q, align 1, !tbaa !0
  %a = add i32 %x, %y
  %b = add i32 %a, %z
  ret i32 %b
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
