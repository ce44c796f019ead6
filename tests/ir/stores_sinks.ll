; Loads that are used on one of several ways only: the code generator would move them there, with their
; traps. They stay where they are.
; passes: stores
; memory: 1 none

; By a phi at the end of one of two ways.
; CHECK-LABEL: @f0(
; CHECK: load volatile i32, ptr %a
define i32 @f0(ptr swiftself %ctx, i32 %n) {
entry:
  %a = getelementptr i8, ptr %ctx, i64 8
  %x = load i32, ptr %a, align 1
  %none = icmp eq i32 %n, 0
  br i1 %none, label %exit, label %other
other:
  store i32 %n, ptr %ctx, align 1
  br label %exit
exit:
  %r = phi i32 [ %x, %entry ], [ %n, %other ]
  ret i32 %r
}

; By a phi at the start of the next iteration, and in its own block: there they are on every way.
; CHECK-LABEL: @f1(
; CHECK: load i32, ptr %b
; CHECK: load i32, ptr %a
define i32 @f1(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %before = phi i32 [ 0, %entry ], [ %x, %loop ]
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %a, i64 100
  %y = load i32, ptr %b, align 1
  %sum = add i32 %before, %y
  store i32 %sum, ptr %ctx, align 1
  %x = load i32, ptr %a, align 1
  %next = add i32 %i, 4
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 0
}

; What LLVM has taken out of a loop is needed in the loop only.
; CHECK-LABEL: @f2(
; CHECK: load volatile i32
define i32 @f2(ptr swiftself %ctx, i32 %n) {
entry:
  %x = load i32, ptr %ctx, align 1
  %none = icmp eq i32 %n, 0
  br i1 %none, label %exit, label %some
some:
  store i32 %x, ptr %ctx, align 1
  br label %exit
exit:
  ret i32 0
}

; A condition of two parts may become two branches, the second of which alone needs a load.
; CHECK-LABEL: @f3(
; CHECK: load volatile i32, ptr %p
define void @f3(ptr swiftself %ctx, i32 %a, i32 %n) {
  %z = zext i32 %a to i64
  %p = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %p, align 1
  %first = icmp eq i32 %n, 7
  %second = icmp eq i32 %x, 0
  %both = and i1 %first, %second
  br i1 %both, label %yes, label %no

yes:
  store i32 0, ptr %ctx, align 1
  ret void

no:
  ret void
}

; CHECK-LABEL: @f4(
; CHECK: load i32, ptr %p
define void @f4(ptr swiftself %ctx, i32 %a) {
  %z = zext i32 %a to i64
  %p = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %p, align 1
  %first = icmp eq i32 %x, 0
  br i1 %first, label %yes, label %no

yes:
  store i32 0, ptr %ctx, align 1
  ret void

no:
  ret void
}
