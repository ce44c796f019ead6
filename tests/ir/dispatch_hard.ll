; Loops whose blocks and values do not come apart at first sight.
; passes: dispatch
; memory: 1 none

; Case 0 does nothing: the switch leads back to its own block, which is copied for that edge as well.
; CHECK-LABEL: @f0(
; CHECK-NOT: label %loop
; CHECK: entry:
; CHECK: switch i32
; CHECK: load i8
; CHECK: switch i32
; CHECK-NOT: label %loop
; CHECK: op1:
; CHECK-NOT: label %loop
; CHECK: exit:
; CHECK-NOT: switch
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc, %loop ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ], [ %pc5, %op5 ], [ %pc6, %op6 ]
  %acc = phi i32 [ 0, %entry ], [ %acc, %loop ], [ %acc1, %op1 ], [ %acc2, %op2 ], [ %acc3, %op3 ], [ %acc4, %op4 ], [ %acc5, %op5 ], [ %acc6, %op6 ]
  %wide = zext i32 %pc to i64
  %at = getelementptr i8, ptr %ctx, i64 %wide
  %code = load i8, ptr %at, align 1
  %op = zext i8 %code to i32
  switch i32 %op, label %exit [
    i32 0, label %loop
    i32 1, label %op1
    i32 2, label %op2
    i32 3, label %op3
    i32 4, label %op4
    i32 5, label %op5
    i32 6, label %op6
  ]
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
op6:
  %pc6 = add i32 %pc, 7
  %acc6 = add i32 %acc, 70
  br label %loop
exit:
  %result = phi i32 [ %acc, %loop ]
  ret i32 %result
}

; The cases come together in a block that only joins their values, before the switch's: that one goes
; too. The opcode itself is needed in a case: each copy has its own.
; CHECK-LABEL: @f1(
; CHECK-NOT: joint:
; CHECK: op0:
; CHECK: switch i32
; CHECK: op4:
; CHECK: mul i32
; CHECK: load i8
; CHECK: switch i32
; CHECK: exit:
; CHECK: ret i32
define i32 @f1(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
joint:
  %pcs = phi i32 [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ], [ %pc5, %op5 ]
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pcs, %joint ]
  %wide = zext i32 %pc to i64
  %at = getelementptr i8, ptr %ctx, i64 %wide
  %code = load i8, ptr %at, align 1
  %op = zext i8 %code to i32
  %low = and i32 %op, 7
  switch i32 %low, label %exit [
    i32 0, label %op0
    i32 1, label %op1
    i32 2, label %op2
    i32 3, label %op3
    i32 4, label %op4
    i32 5, label %op5
  ]
op0:
  %pc0 = add i32 %pc, 1
  br label %joint
op1:
  %pc1 = add i32 %pc, 2
  br label %joint
op2:
  %pc2 = add i32 %pc, 3
  br label %joint
op3:
  %pc3 = add i32 %pc, 4
  br label %joint
op4:
  %pc4 = mul i32 %pc, %op
  br label %joint
op5:
  %pc5 = add i32 %pc, 6
  br label %joint
exit:
  ret i32 %pc
}
