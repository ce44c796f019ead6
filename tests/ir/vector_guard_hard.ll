; Loops that run down, have a second vector loop for the rest, or store under a condition.
; passes: vector-guard
; memory: 1 4 shared imported

; The address falls: the first access is the one that reaches furthest, so that both ends are checked.
; CHECK-LABEL: @f0(
; CHECK: icmp ugt ptr
; CHECK: icmp ugt ptr
; CHECK: select i1 %short, i1 true, i1
define void @f0(ptr swiftself %ctx, i64 %start, i64 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  %bytes = shl i64 %index, 2
  %down = sub i64 %start, %bytes
  %a = getelementptr i8, ptr %base, i64 %down
  store <4 x i32> <i32 7, i32 7, i32 7, i32 7>, ptr %a, align 1
  %index.next = add nuw i64 %index, 4
  %done = icmp eq i64 %index.next, %count
  br i1 %done, label %middle.block, label %vector.body
middle.block:
  %all = icmp eq i64 %n, %count
  br i1 %all, label %exit, label %scalar.ph
scalar.ph:
  %resume = phi i64 [ %count, %middle.block ], [ 0, %entry ]
  br label %loop
loop:
  %i = phi i64 [ %resume, %scalar.ph ], [ %next, %loop ]
  %offset = shl i64 %i, 2
  %b = getelementptr i8, ptr %ctx, i64 %offset
  store i32 7, ptr %b, align 1
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A store under a condition is masked: it may reach as far as one without. The size is read whole.
; CHECK-LABEL: @f1(
; CHECK: load atomic i64, ptr {{.*}} unordered, align 8
; CHECK: getelementptr i8, ptr {{.*}}, i64 16
; CHECK: icmp ugt ptr
; CHECK: select i1 %short, i1 true, i1
define void @f1(ptr swiftself %ctx, <4 x i32> %flags, i64 %n) {
entry:
  %mask = icmp ne <4 x i32> %flags, zeroinitializer
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  %bytes = shl i64 %index, 2
  %a = getelementptr i8, ptr %base, i64 %bytes
  call void @llvm.masked.store.v4i32.p0(<4 x i32> <i32 7, i32 7, i32 7, i32 7>, ptr %a, i32 1, <4 x i1> %mask)
  %index.next = add nuw i64 %index, 4
  %done = icmp eq i64 %index.next, %count
  br i1 %done, label %middle.block, label %vector.body
middle.block:
  %all = icmp eq i64 %n, %count
  br i1 %all, label %exit, label %scalar.ph
scalar.ph:
  %resume = phi i64 [ %count, %middle.block ], [ 0, %entry ]
  br label %loop
loop:
  %i = phi i64 [ %resume, %scalar.ph ], [ %next, %loop ]
  %offset = shl i64 %i, 2
  %b = getelementptr i8, ptr %ctx, i64 %offset
  store i32 7, ptr %b, align 1
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Addresses that are loaded cannot be told in front; the stream that they are loaded from can, and is
; checked: 4 indexes of 4 bytes.
; CHECK-LABEL: @f2(
; CHECK: [[END:%.*]] = getelementptr i8, ptr {{.*}}, i64 16
; CHECK: icmp ugt ptr [[END]],
; CHECK-NOT: icmp ugt
; CHECK: select i1 %short, i1 true, i1
define void @f2(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  %place = getelementptr i8, ptr %ctx, i64 $memory0
  %base = load ptr, ptr %place, align 8, !invariant.load !0
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  %bytes = shl i64 %index, 2
  %a = getelementptr i8, ptr %base, i64 %bytes
  %indexes = load <4 x i32>, ptr %a, align 1
  %one = extractelement <4 x i32> %indexes, i32 0
  %wide = zext i32 %one to i64
  %b2 = getelementptr i8, ptr %base, i64 %wide
  store i32 1, ptr %b2, align 1
  %index.next = add nuw i64 %index, 4
  %done = icmp eq i64 %index.next, %count
  br i1 %done, label %middle.block, label %vector.body
middle.block:
  %all = icmp eq i64 %n, %count
  br i1 %all, label %exit, label %scalar.ph
scalar.ph:
  %resume = phi i64 [ %count, %middle.block ], [ 0, %entry ]
  br label %loop
loop:
  %i = phi i64 [ %resume, %scalar.ph ], [ %next, %loop ]
  %offset = shl i64 %i, 2
  %b = getelementptr i8, ptr %ctx, i64 %offset
  store i32 7, ptr %b, align 1
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

declare void @llvm.masked.store.v4i32.p0(<4 x i32>, ptr, i32, <4 x i1>)

!0 = !{}
