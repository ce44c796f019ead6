; An interpreter's loop: its switch is copied to the end of each case, so that the processor predicts
; what follows each opcode by itself. No block is left that all of them come through.
; passes: dispatch
; memory: 1 none

; The cases in the order of the blocks; each ends in a switch of its own, and so does the entry. The
; opcode's address goes with them: the load is the copy's own.
; CHECK-LABEL: @f0(
; CHECK: entry:
; CHECK: load i8
; CHECK: switch i32
; CHECK-NOT: loop:
; CHECK: op0:
; CHECK: add i32 {{.*}}, 10
; CHECK: load i8
; CHECK: switch i32
; CHECK: op5:
; CHECK: add i32 {{.*}}, 60
; CHECK: load i8
; CHECK: switch i32
; CHECK: exit:
; CHECK-NOT: switch
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ], [ %pc5, %op5 ]
  %acc = phi i32 [ 0, %entry ], [ %acc0, %op0 ], [ %acc1, %op1 ], [ %acc2, %op2 ], [ %acc3, %op3 ], [ %acc4, %op4 ], [ %acc5, %op5 ]
  %wide = zext i32 %pc to i64
  %at = getelementptr i8, ptr %ctx, i64 %wide
  %code = load i8, ptr %at, align 1
  %op = zext i8 %code to i32
  switch i32 %op, label %exit [
    i32 0, label %op0
    i32 1, label %op1
    i32 2, label %op2
    i32 3, label %op3
    i32 4, label %op4
    i32 5, label %op5
  ]
op0:
  %pc0 = add i32 %pc, 1
  %acc0 = add i32 %acc, 10
  br label %loop
op1:
  %pc1 = add i32 %pc, 2
  %acc1 = add i32 %acc, 20
  br label %loop
op2:
  %pc2 = add i32 %pc, 3
  %acc2 = add i32 %acc, 30
  br label %loop
op3:
  %pc3 = add i32 %pc, 4
  %acc3 = add i32 %acc, 40
  br label %loop
op4:
  %pc4 = add i32 %pc, 5
  %acc4 = add i32 %acc, 50
  br label %loop
op5:
  %pc5 = add i32 %pc, 6
  %acc5 = add i32 %acc, 60
  br label %loop
exit:
  %result = phi i32 [ %acc, %loop ]
  ret i32 %result
}
