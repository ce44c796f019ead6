; What is left alone.
; passes: loop-form search
; memory: 1 none
; CHECK-NOT: <{{[0-9]+}} x i

; The loop stores.
define i32 @f0(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  store i8 1, ptr %ctx, align 1
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; It goes by two bytes.
define i32 @f1(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 2
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; It goes down.
define i32 @f2(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, -1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; It adds up what it finds.
define i32 @f3(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %sum = phi i8 [ 0, %entry ], [ %sum.next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %sum.next = add i8 %sum, %c
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; The load is atomic.
define i32 @f4(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load atomic i8, ptr %a monotonic, align 1, !tbaa !0
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; The access lies below what is known to lie in the memory.
define i32 @f5(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %z = getelementptr i8, ptr %ctx, i64 %q64
  %a = getelementptr i8, ptr %z, i64 -4
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; No exit depends on what is loaded.
define i32 @f6(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i32 %q, 1000
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; The counter goes by 2, and no vector has room for what it is in each turn.
define i32 @f7(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %n = phi i32 [ %p, %entry ], [ %n.next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %over = icmp eq i32 %n, 0
  %found = icmp eq i8 %c, 0
  %ends = or i1 %found, %over
  %n.next = add i32 %n, -2
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

; A vector has but two of the numbers.
define i32 @f8(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i64, ptr %a, align 1, !tbaa !0
  %ends = icmp eq i64 %c, 0
  %next = add i32 %q, 8
  br i1 %ends, label %exit, label %loop
exit:
  ret i32 %q
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
