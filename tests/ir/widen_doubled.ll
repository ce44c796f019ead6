; Loops over vectors of 128 bits on a CPU with vectors of 256: a copy in front does two at a time, when
; checks show that nothing traps in it and no store touches what is accessed elsewhere. The loop as it
; was does what is left over.
; passes: widen
; memory: 1 none
; target: x86_64-linux-gnu haswell

; Two iterations in one. In front of it: the bytes that are accessed end inside of the memory, and the
; two streams are apart.
; CHECK-LABEL: @f0(
; CHECK: entry:
; CHECK: [[SIZE:%.*]] = load i64, ptr {{.*}}, align 8
; CHECK: [[END:%.*]] = icmp ule i64 {{.*}}, [[SIZE]]
; CHECK: and i1 {{.*}}, [[END]]
; CHECK: [[OTHER:%.*]] = icmp ule i64 {{.*}}, [[SIZE]]
; CHECK: and i1 {{.*}}, [[OTHER]]
; CHECK: [[APART:%.*]] = or i1
; CHECK: [[SAME:%.*]] = or i1 [[APART]]
; CHECK: and i1 {{.*}}, [[SAME]]
; CHECK: load <8 x i32>, ptr {{.*}}, align 1
; CHECK: add <8 x i32>
; CHECK: store <8 x i32> {{.*}}, align 1
; CHECK: loop:
; CHECK: load <4 x i32>
; CHECK: store <4 x i32>
define void @f0(ptr swiftself %ctx, i32 %from, i32 %to, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %p = add i32 %from, %i
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  %v = load <4 x i32>, ptr %a, align 1
  %w = add <4 x i32> %v, <i32 1, i32 2, i32 3, i32 4>
  %q = add i32 %to, %i
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  store <4 x i32> %w, ptr %b, align 1
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; An unrolled iteration: its own two vectors become one, and the counter steps as before.
; CHECK-LABEL: @f1(
; CHECK: fmul <8 x float>
; CHECK: add i64 {{.*}}, 32
; CHECK: loop:
define void @f1(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ %p, %entry ], [ %next, %loop ]
  %i64 = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %i64
  %v = load <4 x float>, ptr %a, align 1
  %vv = fmul <4 x float> %v, %v
  store <4 x float> %vv, ptr %a, align 1
  %b = getelementptr i8, ptr %a, i64 16
  %w = load <4 x float>, ptr %b, align 1
  %ww = fmul <4 x float> %w, %w
  store <4 x float> %ww, ptr %b, align 1
  %next = add i32 %i, 32
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A reduction of integers has a half for each vector, added up behind the loop.
; CHECK-LABEL: @f2(
; CHECK: phi <8 x i32>
; CHECK: add <8 x i32>
; CHECK: shufflevector <8 x i32> {{.*}} <i32 0, i32 1, i32 2, i32 3>
; CHECK: shufflevector <8 x i32> {{.*}} <i32 4, i32 5, i32 6, i32 7>
; CHECK: add <4 x i32>
define <4 x i32> @f2(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %sum = phi <4 x i32> [ zeroinitializer, %entry ], [ %added, %loop ]
  %at = add i32 %p, %i
  %at64 = zext i32 %at to i64
  %a = getelementptr i8, ptr %ctx, i64 %at64
  %v = load <4 x i32>, ptr %a, align 1
  %added = add <4 x i32> %sum, %v
  %next = add i32 %i, 16
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret <4 x i32> %added
}
