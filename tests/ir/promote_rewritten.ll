; Numbers of 32 bits that are extended once, where they are defined, and live with 64.
; passes: promote
; memory: 1 none

; A pointer that goes round a loop: the sum is of 32 bits, and the phi takes what it is extended to.
; CHECK-LABEL: @f0(
; CHECK: [[P64:%.*]] = zext i32 %p to i64
; CHECK: loop:
; CHECK-NEXT: [[WIDE:%.*]] = phi i64 [ [[P64]], %entry ], [ [[NEXT:%.*]], %loop ]
; CHECK-NEXT: [[Q:%.*]] = trunc i64 [[WIDE]] to i32
; CHECK-NEXT: getelementptr i8, ptr %ctx, i64 [[WIDE]]
; CHECK: [[R:%.*]] = add i32 [[Q]], 4
; CHECK-NEXT: [[NEXT]] = zext i32 [[R]] to i64
; CHECK: exit:
; CHECK-NEXT: [[OUT:%.*]] = trunc i64 [[WIDE]] to i32
; CHECK-NEXT: ret i32 [[OUT]]
define i32 @f0(ptr swiftself %ctx, i32 %p) {
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
}

; What is extended in another block: there is one zext, where it is loaded, and its own block uses it as
; it was. A zext that LLVM knows not to be negative is no promise about other blocks.
; CHECK-LABEL: @f1(
; CHECK: %x = load i32, ptr %ctx
; CHECK-NEXT: [[X64:%.*]] = zext i32 %x to i64
; CHECK: icmp eq i32 %x, 0
; CHECK: then:
; CHECK-NEXT: [[T:%.*]] = trunc i64 [[X64]] to i32
; CHECK-NEXT: getelementptr i8, ptr %ctx, i64 [[X64]]
; CHECK: add i32 %y, [[T]]
; CHECK: else:
; CHECK-NEXT: getelementptr i8, ptr %ctx, i64 [[X64]]
define i32 @f1(ptr swiftself %ctx) {
entry:
  %x = load i32, ptr %ctx, align 1
  %none = icmp eq i32 %x, 0
  br i1 %none, label %then, label %else
then:
  %then64 = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %then64
  %y = load i32, ptr %a, align 1
  %sum = add i32 %y, %x
  ret i32 %sum
else:
  %else64 = zext i32 %x to i64
  %b = getelementptr i8, ptr %ctx, i64 %else64
  %z = load i32, ptr %b, align 1
  ret i32 %z
}

; Two phis that are one another's: both become wide. A constant is extended without its sign, and a phi
; that nobody extends is handed what its edge has.
; CHECK-LABEL: @f2(
; CHECK: loop:
; CHECK-NEXT: [[A:%.*]] = phi i64 [ [[P64:%.*]], %entry ], [ [[B:%.*]], %loop ]
; CHECK-NEXT: [[B]] = phi i64 [ 4294967292, %entry ], [ [[A]], %loop ]
; CHECK: [[T:%.*]] = trunc i64 [[A]] to i32
; CHECK: getelementptr i8, ptr %ctx, i64 [[A]]
; CHECK: exit:
; CHECK-NEXT: phi i32 [ [[T]], %loop ]
define i32 @f2(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %a = phi i32 [ %p, %entry ], [ %b, %loop ]
  %b = phi i32 [ -4, %entry ], [ %a, %loop ]
  %a64 = zext i32 %a to i64
  %at = getelementptr i8, ptr %ctx, i64 %a64
  %x = load i32, ptr %at, align 1
  %more = icmp ne i32 %x, 0
  br i1 %more, label %loop, label %exit
exit:
  %out = phi i32 [ %a, %loop ]
  ret i32 %out
}

; A phi of a landing pad's block is cut behind the landing pad; one of invokes' results stays, and is
; extended where it stands.
; CHECK-LABEL: @f3(
; CHECK: join:
; CHECK-NEXT: %j = phi i32 [ %x, %entry ], [ %y, %again ]
; CHECK-NEXT: [[J64:%.*]] = zext i32 %j to i64
; CHECK: pad:
; CHECK-NEXT: [[Q:%.*]] = phi i64 [ [[P64:%.*]], %entry ], [ 8, %again ]
; CHECK-NEXT: landingpad
; CHECK-NEXT: catch ptr null
; CHECK-NEXT: [[T:%.*]] = trunc i64 [[Q]] to i32
; CHECK: getelementptr i8, ptr %ctx, i64 [[Q]]
; CHECK: add i32 {{.*}}, [[T]]
declare i32 @personality(...)
declare i32 @g(i32)
define i32 @f3(ptr swiftself %ctx, i32 %p) personality ptr @personality {
entry:
  %x = invoke i32 @g(i32 %p) to label %join unwind label %pad
again:
  %y = invoke i32 @g(i32 8) to label %join unwind label %pad
join:
  %j = phi i32 [ %x, %entry ], [ %y, %again ]
  %j64 = zext i32 %j to i64
  %at = getelementptr i8, ptr %ctx, i64 %j64
  %v = load i32, ptr %at, align 1
  %more = icmp ne i32 %v, 0
  br i1 %more, label %again, label %exit
exit:
  ret i32 %j
pad:
  %q = phi i32 [ %p, %entry ], [ 8, %again ]
  %e = landingpad { ptr, i32 } catch ptr null
  %q64 = zext i32 %q to i64
  %to = getelementptr i8, ptr %ctx, i64 %q64
  %w = load i32, ptr %to, align 1
  %sum = add i32 %w, %q
  ret i32 %sum
}
