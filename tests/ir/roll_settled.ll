; Behind the vectoriser: a loop that was rolled up and that it has left alone is not entered. Each store
; is where the next load is.
; passes: loop-form versions roll vectorize settle-versions
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: br i1 false, label
; CHECK-NOT: store <
; CHECK: ret void
define void @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %x = load i32, ptr %pa, align 1
  %y = mul i32 %x, 3
  %pb = getelementptr i8, ptr %pa, i64 4
  store i32 %y, ptr %pb, align 1
  %u = load i32, ptr %pb, align 1
  %v = mul i32 %u, 3
  %pc = getelementptr i8, ptr %pa, i64 8
  store i32 %v, ptr %pc, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
