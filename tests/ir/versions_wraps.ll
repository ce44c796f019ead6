; Addresses that wrap on the way to the last iteration, which LLVM 22 takes for a straight line.
; passes: loop-form versions vectorize
; memory: 1 none
; target: x86_64-linux-gnu haswell

; key[i & 7]: three bits that grow. Hidden, they are loaded one by one, or gathered.
; CHECK-LABEL: @f0(
; CHECK-NOT: load <{{[0-9]+}} x i8>
; CHECK: ret i64
define i64 @f0(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i64 [ 0, %entry ], [ %t, %loop ]
  %low = and i32 %i, 7
  %q = add i32 %low, %p
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i8, ptr %a, align 1
  %w = sext i8 %x to i64
  %t = xor i64 %s, %w
  %next = add i32 %i, 1
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i64 %t
}

; A constant address that comes over 2^32 before the end: no memory is as large, so that the version
; with vectors is never entered.
; CHECK-LABEL: @f1(
; CHECK: icmp ugt i64 4294967{{[67]..}}, [[SIZE:%.*]]
; CHECK: br i1 {{.*}}, !prof
; CHECK: ret void
define void @f1(ptr swiftself %ctx) {
entry:
  br label %loop
loop:
  %q = phi i32 [ -100, %entry ], [ %r, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  store i16 7, ptr %a, align 1
  %r = add i32 %q, 2
  %more = icmp ne i32 %r, 410
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; Without a store it is left alone.
; CHECK-LABEL: @f2(
; CHECK-NOT: load <
; CHECK: ret i32
define i32 @f2(ptr swiftself %ctx) {
entry:
  br label %loop
loop:
  %q = phi i32 [ -100, %entry ], [ %r, %loop ]
  %s = phi i32 [ 0, %entry ], [ %t, %loop ]
  %z = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %x = load i32, ptr %a, align 1
  %t = add i32 %s, %x
  %r = add i32 %q, 4
  %more = icmp ne i32 %r, 400
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %t
}
