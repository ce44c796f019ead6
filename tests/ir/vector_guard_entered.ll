; Loops that the vectoriser has made, told by the names of their blocks: entered only when the last of
; their accesses ends inside of the memory. Else the scalar loop does it all and traps where it should.
; passes: vector-guard
; memory: 1 none

; The last index is that behind the loop less a step; 16 bytes are stored there.
; CHECK-LABEL: @f0(
; CHECK: %short = icmp ult i64 %n, 4
; CHECK: [[REST:%.*]] = urem i64 %n, 4
; CHECK: [[COUNT:%.*]] = sub i64 %n, [[REST]]
; CHECK: [[LAST:%.*]] = sub i64 [[COUNT]], 4
; CHECK: [[SIZE:%.*]] = load i64, ptr {{.*}}, align 8
; CHECK: [[BYTES:%.*]] = shl i64 [[LAST]], 2
; CHECK: [[A:%.*]] = getelementptr i8, ptr %ctx, i64 [[BYTES]]
; CHECK: [[END:%.*]] = getelementptr i8, ptr [[A]], i64 16
; CHECK: [[LIMIT:%.*]] = getelementptr i8, ptr %ctx, i64 [[SIZE]]
; CHECK: [[OUTSIDE:%.*]] = icmp ugt ptr [[END]], [[LIMIT]]
; CHECK: [[ANY:%.*]] = or i1 {{.*}}[[OUTSIDE]]
; CHECK: [[BOTH:%.*]] = or i1 {{.*}}[[ANY]]
; CHECK: [[SCALAR:%.*]] = select i1 %short, i1 true, i1 [[BOTH]]
; CHECK-NEXT: br i1 [[SCALAR]], label %scalar.ph, label %vector.ph
define void @f0(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  %bytes = shl i64 %index, 2
  %a = getelementptr i8, ptr %ctx, i64 %bytes
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

; The branch has the vectors first: the condition is that nothing is outside. Accesses at constant
; distances are one check, of the one that reaches furthest.
; CHECK-LABEL: @f1(
; CHECK: [[END:%.*]] = getelementptr i8, ptr {{.*}}, i64 48
; CHECK: icmp ugt ptr [[END]],
; CHECK-NOT: icmp ugt
; CHECK: [[INSIDE:%.*]] = xor i1 {{.*}}, true
; CHECK: [[VECTORS:%.*]] = select i1 %long, i1 [[INSIDE]], i1 false
; CHECK-NEXT: br i1 [[VECTORS]], label %vector.ph, label %scalar.ph
define void @f1(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  %long = icmp uge i64 %n, 4
  br i1 %long, label %vector.ph, label %scalar.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  %bytes = shl i64 %index, 2
  %a = getelementptr i8, ptr %ctx, i64 %bytes
  store <4 x i32> <i32 7, i32 7, i32 7, i32 7>, ptr %a, align 1
  %far = getelementptr i8, ptr %a, i64 32
  %x = load <4 x i32>, ptr %far, align 1
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
