; The same loop where no other thread can change memory 0: it never ends, and LLVM may know.
; passes: waits
; memory: 1 1

; CHECK-NOT: call void asm
; CHECK: ret void
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
