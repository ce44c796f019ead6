; Switches in loops that stay as they are: it would be copied for nothing, or not for what it is.
; passes: dispatch
; memory: 1 none

; A case less: a jump table as short is predicted well enough.
; CHECK-LABEL: @f0(
; CHECK: switch i32
; CHECK-NOT: switch i32
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ]
  %acc = phi i32 [ 0, %entry ], [ %acc0, %op0 ], [ %acc1, %op1 ], [ %acc2, %op2 ], [ %acc3, %op3 ], [ %acc4, %op4 ]
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
exit:
  %result = phi i32 [ %acc, %loop ]
  ret i32 %result
}

; Only three cases go round again: the others leave the loop.
; CHECK-LABEL: @f1(
; CHECK: switch i32
; CHECK-NOT: switch i32
; CHECK: ret i32
define i32 @f1(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ]
  %acc = phi i32 [ 0, %entry ], [ %acc0, %op0 ], [ %acc1, %op1 ], [ %acc2, %op2 ]
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
  br label %exit
op4:
  %pc4 = add i32 %pc, 5
  %acc4 = add i32 %acc, 50
  br label %exit
op5:
  %pc5 = add i32 %pc, 6
  %acc5 = add i32 %acc, 60
  br label %exit
exit:
  %result = phi i32 [ %acc, %loop ], [ %acc3, %op3 ], [ %acc4, %op4 ], [ %acc5, %op5 ]
  ret i32 %result
}

; A call beside the switch: it would be copied as often as there are cases, and what it does with it.
; CHECK-LABEL: @f2(
; CHECK: call void @seen()
; CHECK: switch i32
; CHECK-NOT: switch i32
; CHECK: ret i32
define i32 @f2(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ], [ %pc5, %op5 ]
  %acc = phi i32 [ 0, %entry ], [ %acc0, %op0 ], [ %acc1, %op1 ], [ %acc2, %op2 ], [ %acc3, %op3 ], [ %acc4, %op4 ], [ %acc5, %op5 ]
  %wide = zext i32 %pc to i64
  %at = getelementptr i8, ptr %ctx, i64 %wide
  %code = load i8, ptr %at, align 1
  call void @seen()
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

; More instructions than are worth copying.
; CHECK-LABEL: @f3(
; CHECK: switch i32
; CHECK-NOT: switch i32
; CHECK: ret i32
define i32 @f3(ptr swiftself %ctx, i32 %start) {
entry:
  br label %loop
loop:
  %pc = phi i32 [ %start, %entry ], [ %pc0, %op0 ], [ %pc1, %op1 ], [ %pc2, %op2 ], [ %pc3, %op3 ], [ %pc4, %op4 ], [ %pc5, %op5 ]
  %acc = phi i32 [ 0, %entry ], [ %acc0, %op0 ], [ %acc1, %op1 ], [ %acc2, %op2 ], [ %acc3, %op3 ], [ %acc4, %op4 ], [ %acc5, %op5 ]
  %wide = zext i32 %pc to i64
  %at = getelementptr i8, ptr %ctx, i64 %wide
  %code = load i8, ptr %at, align 1
  %pad0 = add i32 %pc, 100
  %pad1 = add i32 %pc, 101
  %pad2 = add i32 %pc, 102
  %pad3 = add i32 %pc, 103
  %pad4 = add i32 %pc, 104
  %pad5 = add i32 %pc, 105
  %pad6 = add i32 %pc, 106
  %pad7 = add i32 %pc, 107
  %pad8 = add i32 %pc, 108
  %pad9 = add i32 %pc, 109
  %pad10 = add i32 %pc, 110
  %pad11 = add i32 %pc, 111
  %pad12 = add i32 %pc, 112
  %pad13 = add i32 %pc, 113
  %pad14 = add i32 %pc, 114
  %pad15 = add i32 %pc, 115
  %pad16 = add i32 %pc, 116
  %pad17 = add i32 %pc, 117
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

declare void @seen()
