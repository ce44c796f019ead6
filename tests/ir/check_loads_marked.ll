; A block with loads gets a mark behind them, which says their numbers; what was stored to the place before,
; and what takes the place of a load in another block, needs none. The check takes the marks away.
; passes: loads mark-loads scalar-early check-loads mark-loads
; memory: 1 none
; not-with: 21 (nothing reads its debug records: all loads look lost)

; CHECK-LABEL: define {{.*}}@f0(
; CHECK: %x = load i32
; CHECK: call void @llvm.sideeffect(){{.*}}, !wasmaot.loads ![[LOADS:[0-9]+]]
; CHECK-NOT: sideeffect()
; CHECK: ret i32
; CHECK: attributes {{.*}}nomerge
; CHECK: ![[LOADS]] = !{i32 0}
; CHECK-NOT: loses
define i32 @f0(ptr swiftself %ctx, i32 %v) {
entry:
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %is = icmp eq i32 %x, %v
  br i1 %is, label %then, label %exit
then:
  %y = load volatile i32, ptr %ctx, align 1, !tbaa !0
  store i32 %y, ptr %ctx, align 1, !tbaa !0
  br label %exit
exit:
  ret i32 %x
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
