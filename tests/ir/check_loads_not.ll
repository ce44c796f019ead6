; Loads that are gone, but another access traps in their place: nothing is lost.
; passes: loads scalar-early check-loads scalar check-loads scalar-clean check-loads
; memory: 1 none
; not-with: 21 (nothing reads its debug records: all loads look lost)

; CHECK-NOT: loses

; Two equal loads become one, whose value is used.
; CHECK-LABEL: define {{.*}}@f0(
; CHECK: load i32
; CHECK-NOT: load i32
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %z = mul i32 %x, %y
  ret i32 %z
}

; What is loaded was stored to the same address before: the store traps. The other load is there
; because LLVM drops the records of a scope in which no instruction is left: the body would be lowered
; once more for nothing.
; CHECK-LABEL: define {{.*}}@f1(
; CHECK: store i32 %v
; CHECK: %y = load i32
; CHECK-NOT: load i32
; CHECK: ret i32
define i32 @f1(ptr swiftself %ctx, i32 %v) {
  %p = getelementptr i8, ptr %ctx, i64 64
  store i32 %v, ptr %ctx, align 1, !tbaa !0
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  %z = add i32 %x, %y
  ret i32 %z
}

; Dead from the start: volatile all along, and there.
; CHECK-LABEL: define {{.*}}@f2(
; CHECK: load volatile i32
define void @f2(ptr swiftself %ctx) {
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  ret void
}

; CHECK-NOT: loses

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
