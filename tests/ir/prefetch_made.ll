; What lies where a gathered value points is fetched when the value is put into the buffer.
; passes: prefetch
; memory: 1 none
; target: x86_64-linux-gnu haswell

; A batch: places go to an array at %b in one loop, and another looks at each. What is added to them
; there and known here, %base, is added; %n is not known yet, and 3 is in the same line.
; CHECK-LABEL: @f0(
; CHECK: first:
; CHECK: store volatile i32 %v,
; CHECK-NEXT: [[SUM:%.*]] = add i32 %v, %base
; CHECK-NEXT: [[OFFSET:%.*]] = zext i32 [[SUM]] to i64
; CHECK-NEXT: [[AT:%.*]] = getelementptr i8, ptr %ctx, i64 [[OFFSET]]
; CHECK-NEXT: call void @llvm.prefetch.p0(ptr [[AT]], i32 0, i32 3, i32 1)
; CHECK-NOT: @llvm.prefetch
; CHECK: ret i32
define i32 @f0(ptr swiftself %ctx, i32 %b, i32 %from, i32 %base) {
entry:
  br label %first
first:
  %i = phi i32 [ 0, %entry ], [ %i1, %first ]
  %fi = add i32 %from, %i
  %fz = zext i32 %fi to i64
  %fa = getelementptr i8, ptr %ctx, i64 %fz
  %v = load i32, ptr %fa, align 1
  %bs = shl i32 %i, 2
  %bi = add i32 %bs, %b
  %bz = zext i32 %bi to i64
  %ba = getelementptr i8, ptr %ctx, i64 %bz
  store volatile i32 %v, ptr %ba, align 1
  %i1 = add i32 %i, 1
  %c = icmp eq i32 %i1, 16
  br i1 %c, label %second, label %first
second:
  %j = phi i32 [ 0, %first ], [ %j1, %second ]
  %n = phi i32 [ 0, %first ], [ %x, %second ]
  %us = shl i32 %j, 2
  %ui = add i32 %b, %us
  %uz = zext i32 %ui to i64
  %ua = getelementptr i8, ptr %ctx, i64 %uz
  %u = load i32, ptr %ua, align 1
  %s = add i32 %u, %base
  %t = add i32 %s, %n
  %t3 = add i32 %t, 3
  %tz = zext i32 %t3 to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %x = load i32, ptr %ta, align 1
  %j1 = add i32 %j, 1
  %d = icmp eq i32 %j1, 16
  br i1 %d, label %exit, label %second
exit:
  ret i32 %x
}

; A delay line: what an element was is used now, what takes its place eight rounds later.
; CHECK-LABEL: @f1(
; CHECK: store volatile i32 %v, ptr %a
; CHECK-NEXT: [[ROW:%.*]] = lshr i32 %v, 8
; CHECK-NEXT: [[SUM:%.*]] = add i32 [[ROW]], %table
; CHECK-NEXT: [[OFFSET:%.*]] = zext i32 [[SUM]] to i64
; CHECK-NEXT: [[AT:%.*]] = getelementptr i8, ptr %ctx, i64 [[OFFSET]]
; CHECK-NEXT: call void @llvm.prefetch.p0(ptr [[AT]],
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %round, i32 %table) {
  %r4 = shl i32 %round, 2
  %m = and i32 %r4, 28
  %i = add i32 %m, %p
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %u = load i32, ptr %a, align 1
  %pz = zext i32 %round to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %w = load i32, ptr %pa, align 1
  %v = mul i32 %w, 40503
  store volatile i32 %v, ptr %a, align 1
  %row = lshr i32 %u, 8
  %t = add i32 %row, %table
  %tz = zext i32 %t to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %x = load i32, ptr %ta, align 1
  ret i32 %x
}
