; Loads that the scalar passes delete because their value turns out not to matter: the body is taken
; out of the module, to be lowered again with those loads volatile.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none

; Two equal loads are merged, and x - x is 0: neither is left.
; CHECK-NOT: define
; CHECK: declare {{.*}}i32 @f0(
; CHECK: f0 loses 0 1{{$}}
define i32 @f0(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %z = sub i32 %x, %y
  ret i32 %z
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
