; Loops that were unrolled before are rolled up: where all accesses stay inside, streams are apart and
; there are enough iterations. The unrolled loop does the rest, and keeps its records.
; passes: loop-form versions roll
; memory: 1 none

; Two copies. The row that is stored to and the one that is loaded from must not meet; the rolled
; loop runs twice as often as the other would.
; CHECK-LABEL: @f0(
; CHECK: [[MEETS:%.*]] = and i1
; CHECK: [[FROZEN:%.*]] = freeze i1 [[MEETS]]
; CHECK: [[APART:%.*]] = xor i1 [[FROZEN]], true
; CHECK: [[OFTEN:%.*]] = icmp uge i64 [[LAST:%.*]], 12
; CHECK: [[PAYS:%.*]] = and i1 [[APART]], [[OFTEN]]
; CHECK: [[MORE:%.*]] = add i32 {{%.*}}, 1
; CHECK: [[TIMES:%.*]] = mul i32 [[MORE]], 2
; CHECK: [[ENTER:%.*]] = and i1 {{%.*}}, [[PAYS]]
; CHECK: br i1 [[ENTER]], label %[[ROLLED:.*]], label %[[UNROLLED:.*]], !prof {{.*}} !wasmaot.rolled
; CHECK: [[UNROLLED]]:
; CHECK: store i32
; CHECK: store i32
; CHECK: add i32 {{%.*}}, 8
; CHECK: br i1 {{.*}}, !llvm.loop
; CHECK: [[ROLLED]]:
; CHECK: [[COUNT:%.*]] = phi i32 [ 0, %{{.*}} ], [ [[NEXT:%.*]], %{{.*}} ]
; CHECK: load i32
; CHECK: store i32
; CHECK-NOT: store i32
; CHECK: add i32 {{%.*}}, 4
; CHECK: add i32 {{%.*}}, 4
; CHECK: [[NEXT]] = add i32 [[COUNT]], 1
; CHECK: [[GOES:%.*]] = icmp ne i32 [[NEXT]], [[TIMES]]
; CHECK: br i1 [[GOES]],
; CHECK-NOT: !llvm.loop
; CHECK: ret void
define void @f0(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n, i32 %k) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %pi = phi i32 [ %p, %entry ], [ %pn, %loop ]
  %qi = phi i32 [ %q, %entry ], [ %qn, %loop ]
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %qz = zext i32 %qi to i64
  %qa = getelementptr i8, ptr %ctx, i64 %qz
  %x = load i32, ptr %qa, align 1
  %y = mul i32 %x, %k
  store i32 %y, ptr %pa, align 1
  %qb = getelementptr i8, ptr %qa, i64 4
  %pb = getelementptr i8, ptr %pa, i64 4
  %v = load i32, ptr %qb, align 1
  %w = mul i32 %k, %v
  store i32 %w, ptr %pb, align 1
  %pn = add i32 %pi, 8
  %qn = add i32 %qi, 8
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; A total has its terms in any order; without stores the loop has two versions only for that. What
; is used behind it is the rolled loop's total.
; CHECK-LABEL: @f1(
; CHECK: br i1 {{.*}}, label %[[ROLLED:.*]], label %{{.*}} !wasmaot.rolled
; CHECK: [[ROLLED]]:
; CHECK: [[TOTAL:%.*]] = phi i32 [ %n, %[[BEFORE:.*]] ], [ [[SUM:%.*]], %[[LATCH:.*]] ]
; CHECK: [[X:%.*]] = load i32
; CHECK-NOT: load i32
; CHECK: [[SUM]] = add i32 [[TOTAL]], [[X]]
; CHECK: phi i32 [ {{.*}} ], [ [[SUM]], %[[LATCH]] ]
; CHECK: ret i32
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ %n, %entry ], [ %t, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %pb = getelementptr i8, ptr %pa, i64 4
  %y = load i32, ptr %pb, align 1
  %x = load i32, ptr %pa, align 1
  %xs = add i32 %y, %s
  %t = add i32 %xs, %x
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret i32 %t
}

; Addresses that fall; copies differ in the index, once by bits that it does not have.
; CHECK-LABEL: @f2(
; CHECK: br i1 {{.*}}, label %[[ROLLED:.*]], label %{{.*}} !wasmaot.rolled
; CHECK: [[ROLLED]]:
; CHECK: [[TOP:%.*]] = add i32 {{%.*}}, 4
; CHECK: store i32 {{%.*}}, ptr
; CHECK-NOT: store
; CHECK: add i32 {{%.*}}, -4
; CHECK: ret void
define void @f2(ptr swiftself %ctx, i32 %p, i32 %n, i32 %k) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %pi = phi i32 [ %p, %entry ], [ %pn, %loop ]
  %top = or disjoint i32 %pi, 4
  %tz = zext i32 %top to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %tk = xor i32 %top, %k
  store i32 %tk, ptr %ta, align 1
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %pk = xor i32 %pi, %k
  store i32 %pk, ptr %pa, align 1
  %pn = add i32 %pi, -8
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}

; What each copy hands to the next: the value loaded before.
; CHECK-LABEL: @f3(
; CHECK: br i1 {{.*}}, label %[[ROLLED:.*]], label %{{.*}} !wasmaot.rolled
; CHECK: [[ROLLED]]:
; CHECK: [[OLD:%.*]] = phi i32 [ %n, %{{.*}} ], [ [[NEW:%.*]], %{{.*}} ]
; CHECK: [[NEW]] = load i32
; CHECK-NOT: load i32
; CHECK: add i32 [[OLD]], [[NEW]]
; CHECK: ret void
define void @f3(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %old = phi i32 [ %n, %entry ], [ %z, %loop ]
  %at = shl i32 %i, 2
  %pi = add i32 %p, %at
  %qi = add i32 %q, %at
  %pz = zext i32 %pi to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %qz = zext i32 %qi to i64
  %qa = getelementptr i8, ptr %ctx, i64 %qz
  %x = load i32, ptr %qa, align 1
  %y = add i32 %old, %x
  store i32 %y, ptr %pa, align 1
  %qb = getelementptr i8, ptr %qa, i64 4
  %pb = getelementptr i8, ptr %pa, i64 4
  %z = load i32, ptr %qb, align 1
  %w = add i32 %x, %z
  store i32 %w, ptr %pb, align 1
  %next = add i32 %i, 2
  %more = icmp ne i32 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
