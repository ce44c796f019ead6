; Numbers that stay as they are.
; passes: promote
; memory: 1 none

; Extended in its own block alone, where that costs nothing.
; CHECK-LABEL: @f0(
; CHECK-NOT: trunc
; CHECK: then:
; CHECK-NEXT: ret i32 %x
define i32 @f0(ptr swiftself %ctx, i1 %c) {
entry:
  %x = load i32, ptr %ctx, align 1
  %x64 = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %x64
  %y = load i32, ptr %a, align 1
  br i1 %c, label %then, label %else
then:
  ret i32 %x
else:
  ret i32 %y
}

; A counter that nobody extends.
; CHECK-LABEL: @f1(
; CHECK: %i = phi i32 [ 0, %entry ], [ %next, %loop ]
; CHECK-NOT: trunc
define i32 @f1(ptr swiftself %ctx, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = add i32 %i, 3
  %more = icmp ult i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %next
}

; What is extended behind an invoke is the invoke's own result.
; CHECK-LABEL: @f2(
; CHECK: then:
; CHECK-NEXT: zext i32 %x to i64
; CHECK-NOT: trunc
declare i32 @personality(...)
declare i32 @g(i32)
define i32 @f2(ptr swiftself %ctx, i32 %p) personality ptr @personality {
entry:
  %x = invoke i32 @g(i32 %p) to label %then unwind label %pad
then:
  %x64 = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %x64
  %y = load i32, ptr %a, align 1
  ret i32 %y
pad:
  %e = landingpad { ptr, i32 } catch ptr null
  ret i32 %p
}

; There is no way to the last block.
; CHECK-LABEL: @f3(
; CHECK: phi i32
; CHECK-NOT: trunc
define i32 @f3(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %r, %loop ]
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %x = load i32, ptr %a, align 1
  %r = add i32 %q, 4
  %more = icmp ne i32 %x, 0
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %q
nowhere:
  ret i32 %p
}
