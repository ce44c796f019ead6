; A shared memory: what is checked must be what is used, whatever other threads do meanwhile.
; passes: widen
; memory: 1 4 shared imported
; target: x86_64-linux-gnu haswell

; Starts and the number of iterations are frozen before they are compared, and the size is read
; whole.
; CHECK-LABEL: @f0(
; CHECK-DAG: load atomic i64, ptr {{.*}} unordered, align 8
; CHECK-DAG: freeze i32
; CHECK-DAG: freeze i32
; CHECK-DAG: freeze i32
; CHECK: icmp ule i64
; CHECK: load <8 x i32>
; CHECK: store <8 x i32>
define void @f0(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %base, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %base, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A stream that is stored to and another have no common byte, or they begin at the same place, where
; each load still comes before its store.
; CHECK-LABEL: @f1(
; CHECK: [[APART:%.*]] = or i1
; CHECK: [[SAME:%.*]] = icmp eq i64
; CHECK: or i1 [[APART]], [[SAME]]
; CHECK: store <8 x i32>
define void @f1(ptr swiftself %ctx, i32 %from, i32 %other, i32 %to, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %base, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %up = add i32 %other, %i
  %u64 = zext i32 %up to i64
  %ua = getelementptr i8, ptr %base, i64 %u64
  %u = load <4 x i32>, ptr %ua, align 1
  %w = mul <4 x i32> %v, %u
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %base, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; An atomic access in the loop: nothing is known about when others see it.
; CHECK-LABEL: @f2(
; CHECK-NOT: <8 x
; CHECK: ret
define void @f2(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %base, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %base, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  store atomic i32 1, ptr %base seq_cst, align 4
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; The last value of the counter is needed behind the loop: the last iteration is left to the loop as it
; was, so that the wide one never goes to the exit.
; CHECK-LABEL: @f3(
; CHECK: load <8 x i32>
; CHECK: br i1 {{.*}}, label %[[END:.*]], label
; CHECK: [[END]]:
; CHECK-NEXT: br label %
; CHECK: loop:
; CHECK: ret i32 %next
define i32 @f3(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %vp = add i32 %from, %i
  %v64 = zext i32 %vp to i64
  %va = getelementptr i8, ptr %base, i64 %v64
  %v = load <4 x i32>, ptr %va, align 1
  %w = add <4 x i32> %v, %v
  %sp = add i32 %to, %i
  %s64 = zext i32 %sp to i64
  %sa = getelementptr i8, ptr %base, i64 %s64
  store <4 x i32> %w, ptr %sa, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %next
}

!0 = !{}
