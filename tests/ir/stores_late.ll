; Loads whose values are needed only behind the next store: the code generator would make them there when it
; knows the two to be apart. They stay in front of it.
; passes: stores
; memory: 1 none

; The store is below the load.
; CHECK-LABEL: @f0(
; CHECK: load volatile i32, ptr %far
; CHECK: store volatile i32 %n
define i32 @f0(ptr swiftself %ctx, i32 %n) {
  %near = getelementptr i8, ptr %ctx, i64 8
  %far = getelementptr i8, ptr %ctx, i64 208
  %x = load i32, ptr %far, align 1
  store i32 %n, ptr %near, align 1
  %sum = add i32 %x, %n
  ret i32 %sum
}

; What is stored needs the load, by way of other instructions, and the stores behind it wait for it.
; CHECK-LABEL: @f1(
; CHECK: load i32, ptr %far
define i32 @f1(ptr swiftself %ctx, i32 %n) {
  %near = getelementptr i8, ptr %ctx, i64 8
  %far = getelementptr i8, ptr %ctx, i64 208
  %x = load i32, ptr %far, align 1
  %y = mul i32 %x, %n
  %z = xor i32 %y, 7
  store i32 %z, ptr %near, align 1
  store i32 %n, ptr %ctx, align 1
  %sum = add i32 %x, %n
  ret i32 %sum
}

; So does a store whose address the load is.
; CHECK-LABEL: @f2(
; CHECK: load i32, ptr %far
define i32 @f2(ptr swiftself %ctx, i32 %n) {
  %far = getelementptr i8, ptr %ctx, i64 208
  %x = load i32, ptr %far, align 1
  %z = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  store i32 %n, ptr %a, align 1
  ret i32 %x
}

; Nothing is stored behind it in its block.
; CHECK-LABEL: @f3(
; CHECK: load i32, ptr %far
define i32 @f3(ptr swiftself %ctx, i32 %n) {
entry:
  %far = getelementptr i8, ptr %ctx, i64 208
  store i32 %n, ptr %ctx, align 1
  %x = load i32, ptr %far, align 1
  %none = icmp eq i32 %x, 0
  br i1 %none, label %exit, label %some
some:
  store i32 %x, ptr %ctx, align 1
  br label %exit
exit:
  ret i32 %x
}

; A copy stores as well; and of two loads the one that is not copied.
; CHECK-LABEL: @f4(
; CHECK: load volatile i32, ptr %far
; CHECK: load i32, ptr %further
define i32 @f4(ptr swiftself %ctx, i32 %n) {
  %near = getelementptr i8, ptr %ctx, i64 8
  %far = getelementptr i8, ptr %ctx, i64 208
  %further = getelementptr i8, ptr %ctx, i64 308
  %x = load i32, ptr %far, align 1
  %y = load i32, ptr %further, align 1
  %z = trunc i32 %y to i8
  call void @llvm.memset.p0.i64(ptr %near, i8 %z, i64 16, i1 false)
  %sum = add i32 %x, %y
  ret i32 %sum
}

; What a phi gives to the start of the next round was loaded in the one before, with its store behind it.
; CHECK-LABEL: @f5(
; CHECK: load volatile i32, ptr %a
; CHECK: store volatile i32 %before
define i32 @f5(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %before = phi i32 [ 0, %entry ], [ %x, %loop ]
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  store i32 %before, ptr %ctx, align 1
  %next = add i32 %i, 4
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %x
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
