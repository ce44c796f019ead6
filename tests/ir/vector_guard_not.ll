; Vector loops that need no guard, or have no scalar loop to go to instead: no comparison of addresses
; comes into their functions.
; passes: vector-guard
; memory: 1 none

; CHECK-NOT: icmp ugt

; No store: in which order loads trap is seen by nobody.
; CHECK-LABEL: @f0(
; CHECK: br i1 %short, label %scalar.ph, label %vector.ph
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
  %x = load <4 x i32>, ptr %a, align 1
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

; The length is constant, so that vectors do it all and nothing decides whether to enter.
; CHECK-LABEL: @f1(
; CHECK: entry:
; CHECK-NEXT: br label %vector.ph
define void @f1(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  br label %vector.ph
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
  %resume = phi i64 [ %count, %middle.block ]
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

; Only a global is stored to, below the context: it is always there, and its address is computed in
; front of the loop.
; CHECK-LABEL: @f2(
; CHECK: br i1 %short, label %scalar.ph, label %vector.ph
define void @f2(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  %g = getelementptr i8, ptr %ctx, i64 -128
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %vector.body
vector.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %vector.body ]
  store <4 x i32> <i32 7, i32 7, i32 7, i32 7>, ptr %g, align 16
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

; Not what the vectoriser made: a loop of the same shape whose blocks are called otherwise does what wasm
; says, in its order.
; CHECK-LABEL: @f3(
; CHECK: br i1 %short, label %scalar.ph, label %vector.ph
define void @f3(ptr swiftself %ctx, i32 %p, i64 %n) {
entry:
  %short = icmp ult i64 %n, 4
  br i1 %short, label %scalar.ph, label %vector.ph
vector.ph:
  %rest = urem i64 %n, 4
  %count = sub i64 %n, %rest
  br label %guest.body
guest.body:
  %index = phi i64 [ 0, %vector.ph ], [ %index.next, %guest.body ]
  %bytes = shl i64 %index, 2
  %a = getelementptr i8, ptr %ctx, i64 %bytes
  store <4 x i32> <i32 7, i32 7, i32 7, i32 7>, ptr %a, align 1
  %index.next = add nuw i64 %index, 4
  %done = icmp eq i64 %index.next, %count
  br i1 %done, label %middle.block, label %guest.body
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

; CHECK-NOT: icmp ugt
