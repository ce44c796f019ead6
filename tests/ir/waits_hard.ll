; Loops that wait in a roundabout way.
; passes: waits
; memory: 1 1 shared imported

; The flag is put away in memory and loaded again from an address that changes: a store may have
; written what decides.
; CHECK-LABEL: @f0(
; CHECK: loop:
; CHECK-NEXT: phi
; CHECK-NEXT: call void asm sideeffect
define void @f0(ptr swiftself %ctx) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 64, %entry ], [ %next, %loop ]
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %p = getelementptr i8, ptr %ctx, i64 %i
  store i32 %x, ptr %p, align 1, !tbaa !0
  %y = load volatile i32, ptr %p, align 1, !tbaa !0
  %next = add i64 %i, 4
  %none = icmp eq i32 %y, 0
  br i1 %none, label %loop, label %exit
exit:
  ret void
}

; A branch that rejoins selects a phi, which decides.
; CHECK-LABEL: @f1(
; CHECK: loop:
; CHECK-NEXT: call void asm sideeffect
define void @f1(ptr swiftself %ctx) {
  br label %loop
loop:
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %is = icmp eq i32 %x, 7
  br i1 %is, label %then, label %join
then:
  br label %join
join:
  %more = phi i1 [ true, %loop ], [ false, %then ]
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; The outer loop waits, the inner one counts: only the outer one gets a barrier.
; CHECK-LABEL: @f2(
; CHECK: outer:
; CHECK-NEXT: call void asm sideeffect
; CHECK: inner:
; CHECK-NOT: call void asm
; CHECK: ret void
define void @f2(ptr swiftself %ctx) {
entry:
  br label %outer
outer:
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  br label %inner
inner:
  %i = phi i32 [ 0, %outer ], [ %next, %inner ]
  %next = add i32 %i, 1
  %short = icmp ult i32 %next, 100
  br i1 %short, label %inner, label %latch
latch:
  %none = icmp eq i32 %x, 0
  br i1 %none, label %outer, label %exit
exit:
  ret void
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
