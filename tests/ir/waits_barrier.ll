; Loops that wait until another thread changes what they load: a barrier keeps the load in the loop.
; passes: waits
; memory: 1 1 shared imported

; while (!flag);
; CHECK-LABEL: @f0(
; CHECK: loop:
; CHECK-NEXT: call void asm sideeffect "", "~{memory}"()
; CHECK-NEXT: %x = load volatile i32
define void @f0(ptr swiftself %ctx) {
  br label %loop
loop:
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %none = icmp eq i32 %x, 0
  br i1 %none, label %loop, label %exit
exit:
  ret void
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
