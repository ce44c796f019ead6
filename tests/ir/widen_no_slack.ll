; A memory of all 65,536 pages: that the end of a stream, computed in 64 bits, lies inside does not
; mean any more that no sum of 32 bits has wrapped on the way.
; passes: widen
; memory: 65536 65536
; target: x86_64-linux-gnu haswell

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
  %v = load <4 x i32>, ptr %va, align 1
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
