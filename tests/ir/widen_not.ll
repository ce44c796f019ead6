; Loops that look alike and stay as they are.
; passes: widen
; memory: 1 none
; target: x86_64-linux-gnu haswell

; A volatile load: it is one whose value does not matter, or that waits for another thread.
; CHECK-LABEL: @f0(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f0(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load volatile <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %ctx, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; What is stored is loaded in the next iteration, of the same stream: two at once would load the old
; value.
; CHECK-LABEL: @f1(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f1(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sb = getelementptr i8, ptr %va, i64 16
  store <4 x i32> %w, ptr %sb, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; The address grows by what is not known: nobody can tell where the last access will be.
; CHECK-LABEL: @f2(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f2(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n, i32 %step) {
entry:
  br label %loop
loop:
  %i = phi i32 [ %to, %entry ], [ %next, %loop ]
  %j = phi i32 [ %from, %entry ], [ %far, %loop ]
  %v64 = zext i32 %j to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %ua = getelementptr i8, ptr %va, i64 16
  %u = load <4 x i32>, ptr %ua, align 1
  %vv = add <4 x i32> %v, %v
  %uu = add <4 x i32> %u, %u
  %s64 = zext i32 %i to i64
  %sa = getelementptr i8, ptr %ctx, i64 %s64
  store <4 x i32> %vv, ptr %sa, align 1
  %ta = getelementptr i8, ptr %sa, i64 16
  store <4 x i32> %uu, ptr %ta, align 1
  %far = add i32 %j, %step
  %next = add i32 %i, 32
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; The address itself is loaded.
; CHECK-LABEL: @f3(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f3(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %jp = add i32 %from, %i
  %j64 = zext i32 %jp to i64
  %ja = getelementptr i8, ptr %ctx, i64 %j64
  %j = load i32, ptr %ja, align 1
  %j64b = zext i32 %j to i64
  %jb = getelementptr i8, ptr %ctx, i64 %j64b
  %v = load <4 x i32>, ptr %jb, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %ctx, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; The loop ends by what it has loaded: the number of iterations is not known in front of it.
; CHECK-LABEL: @f4(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f4(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %ctx, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %bound = load i32, ptr %ctx, align 1
  %more = icmp ult i32 %next, %bound
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Something may be seen in between: a call.
; CHECK-LABEL: @f5(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f5(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  call void @seen()
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %ctx, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A reduction of floats is added up in order, so that only the loads become one: that does not pay.
; CHECK-LABEL: @f6(
; CHECK-NOT: <8 x
; CHECK: ret
define <4 x float> @f6(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %sum = phi <4 x float> [ zeroinitializer, %entry ], [ %added, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %ctx, i64 %v64
  %v = load <4 x float>, ptr %va, align 1
  %added = fadd <4 x float> %sum, %v
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret <4 x float> %added
}

declare void @seen()
