; One of several bodies, and one of several loads.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none
; not-with: 21 (nothing reads its debug records: all loads look lost)

; The value is multiplied by what a later pass finds to be 0; the other load stays. The caller of the
; body calls the same function as before.
; CHECK-NOT: define {{.*}}@f0(
define i32 @f0(ptr swiftself %ctx, i32 %v) {
  %p = getelementptr i8, ptr %ctx, i64 64
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  %a = xor i32 %v, -1
  %b = and i32 %a, %v
  %c = mul i32 %y, %b
  %d = add i32 %x, %c
  ret i32 %d
}

; CHECK-LABEL: define {{.*}}@f1(
; CHECK: load i32
; CHECK: call i32 @f0(
; CHECK: declare {{.*}}i32 @f0(
; CHECK: f0 loses 1{{$}}
; CHECK-NOT: loses
define i32 @f1(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = call i32 @f0(ptr swiftself %ctx, i32 %x)
  ret i32 %y
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
