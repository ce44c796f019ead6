; Loops that wait for nobody: a barrier would cost every load of theirs, and their vectors.
; passes: waits
; memory: 1 1 shared imported

; The address changes: this is strlen.
; CHECK-LABEL: @f0(
; CHECK-NOT: call void asm
; CHECK: ret
define i32 @f0(ptr swiftself %ctx) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %x = load volatile i8, ptr %p, align 1, !tbaa !0
  %next = add i64 %i, 1
  %more = icmp ne i8 %x, 0
  br i1 %more, label %loop, label %exit
exit:
  %length = trunc i64 %i to i32
  ret i32 %length
}

; What is loaded does not decide whether the loop goes on; a counter does.
; CHECK-LABEL: @f1(
; CHECK-NOT: call void asm
; CHECK: ret
define i32 @f1(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %sum = phi i32 [ 0, %entry ], [ %more, %loop ]
  %x = load volatile i32, ptr %ctx, align 1, !tbaa !0
  %more = add i32 %sum, %x
  %next = add i32 %i, 1
  %again = icmp ult i32 %next, %n
  br i1 %again, label %loop, label %exit
exit:
  ret i32 %more
}

; An atomic load waits as well, but LLVM leaves it where it is.
; CHECK-LABEL: @f2(
; CHECK-NOT: call void asm
; CHECK: ret
define void @f2(ptr swiftself %ctx) {
  br label %loop
loop:
  %x = load atomic volatile i32, ptr %ctx seq_cst, align 4, !tbaa !0
  %none = icmp eq i32 %x, 0
  br i1 %none, label %loop, label %exit
exit:
  ret void
}

; The instance's own state, by its alias tag: no other thread writes it.
; CHECK-LABEL: @f3(
; CHECK-NOT: call void asm
; CHECK: ret
define void @f3(ptr swiftself %ctx) {
  br label %loop
loop:
  %x = load i32, ptr %ctx, align 1, !tbaa !3
  %none = icmp eq i32 %x, 0
  br i1 %none, label %loop, label %exit
exit:
  ret void
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
!3 = !{!4, !4, i64 0}
!4 = !{!"context", !2, i64 0}
