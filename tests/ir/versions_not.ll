; Loops that keep one version: the vectoriser may have those without stores, and must leave the others,
; of which nothing is known before they run.
; passes: loop-form versions
; memory: 1 none

; No store: in which order loads trap is seen by nobody.
; CHECK-LABEL: @f0(
; CHECK-NOT: !prof
; CHECK-NOT: freeze
; CHECK-NOT: llvm.loop
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ 0, %entry ], [ %t, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  %t = add i32 %s, %x
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %t
}

; An address that comes from memory.
; CHECK-LABEL: @f1(
; CHECK-NOT: !prof
; CHECK: br i1 %more, label %loop, label %exit, !llvm.loop ![[SCALAR:[0-9]+]]
define void @f1(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  %w = zext i32 %x to i64
  %b = getelementptr i8, ptr %ctx, i64 %w
  store i32 7, ptr %b, align 1
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A trip count that depends on what is loaded, and one in 64 bits that could wrap.
; CHECK-LABEL: @f2(
; CHECK-NOT: !prof
; CHECK: br i1 %more, label %loop, label %exit, !llvm.loop ![[SCALAR]]
define void @f2(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  store i32 7, ptr %a, align 1
  %r = add i32 %q, 4
  %more = icmp ne i32 %x, 0
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A second way out.
; CHECK-LABEL: @f3(
; CHECK-NOT: !prof
; CHECK: br i1 %more, label %loop, label %{{.*}}, !llvm.loop ![[SCALAR]]
define void @f3(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %rest ]
  %q = phi i32 [ %p, %entry ], [ %r, %rest ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  store i32 7, ptr %a, align 1
  %leave = icmp eq i32 %i, 77
  br i1 %leave, label %exit, label %rest
rest:
  %r = add i32 %q, 4
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; CHECK: ![[SCALAR]] = distinct !{![[SCALAR]], ![[OFF:[0-9]+]]}
; CHECK: ![[OFF]] = !{!"llvm.loop.vectorize.enable", i1 false}
