; Jumps of interpreters that become free of checks.
; passes: dispatch

; 13 values, one of which has no case. What is not below 13 becomes 13; both go where the default went.
; CHECK-LABEL: @f0(
; CHECK: loop:
; CHECK: [[V:%.*]] = freeze i32 %x
; CHECK-NEXT: [[IN:%.*]] = icmp ult i32 [[V]], 13
; CHECK-NEXT: [[I:%.*]] = select i1 [[IN]], i32 [[V]], i32 13
; CHECK-NEXT: switch i32 [[I]], label %[[NONE:.*]] [
; CHECK-NEXT: i32 0, label %case0
; CHECK: i32 4, label %case0
; CHECK-NEXT: i32 5, label %other
; CHECK-NEXT: i32 6, label %case2
; CHECK: i32 12, label %case0
; CHECK-NEXT: i32 13, label %other
; CHECK-NEXT: ]
; CHECK: other:
; CHECK-NEXT: phi i32 [ %x, %loop ], [ %x, %loop ]
; CHECK: [[NONE]]:
; CHECK-NEXT: unreachable
define i32 @f0(ptr swiftself %ctx, i32 %p) {
entry: ; so many that the edges are worth it
  %s0 = mul i32 %p, %p %s1 = mul i32 %s0, %p %s2 = mul i32 %s1, %p %s3 = mul i32 %s2, %p %s4 = mul i32 %s3, %p %s5 = mul i32 %s4, %p
  %s6 = mul i32 %s5, %p %s7 = mul i32 %s6, %p %s8 = mul i32 %s7, %p %s9 = mul i32 %s8, %p %s10 = mul i32 %s9, %p %s11 = mul i32 %s10, %p
  %s12 = mul i32 %s11, %p %s13 = mul i32 %s12, %p %s14 = mul i32 %s13, %p %s15 = mul i32 %s14, %p %s16 = mul i32 %s15, %p %s17 = mul i32 %s16, %p
  %s18 = mul i32 %s17, %p %s19 = mul i32 %s18, %p %s20 = mul i32 %s19, %p %s21 = mul i32 %s20, %p %s22 = mul i32 %s21, %p %s23 = mul i32 %s22, %p
  %s24 = mul i32 %s23, %p %s25 = mul i32 %s24, %p %s26 = mul i32 %s25, %p %s27 = mul i32 %s26, %p %s28 = mul i32 %s27, %p %s29 = mul i32 %s28, %p
  %s30 = mul i32 %s29, %p %s31 = mul i32 %s30, %p %s32 = mul i32 %s31, %p %s33 = mul i32 %s32, %p %s34 = mul i32 %s33, %p %s35 = mul i32 %s34, %p
  %s36 = mul i32 %s35, %p %s37 = mul i32 %s36, %p %s38 = mul i32 %s37, %p %s39 = mul i32 %s38, %p %s40 = mul i32 %s39, %p %s41 = mul i32 %s40, %p
  %s42 = mul i32 %s41, %p %s43 = mul i32 %s42, %p %s44 = mul i32 %s43, %p %s45 = mul i32 %s44, %p %s46 = mul i32 %s45, %p %s47 = mul i32 %s46, %p
  %s48 = mul i32 %s47, %p %s49 = mul i32 %s48, %p %s50 = mul i32 %s49, %p %s51 = mul i32 %s50, %p %s52 = mul i32 %s51, %p %s53 = mul i32 %s52, %p
  %s54 = mul i32 %s53, %p %s55 = mul i32 %s54, %p %s56 = mul i32 %s55, %p %s57 = mul i32 %s56, %p %s58 = mul i32 %s57, %p %s59 = mul i32 %s58, %p
  br label %loop
loop:
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ], [ %x2, %case2 ], [ %x3, %case3 ]
  switch i32 %x, label %other [
    i32 0, label %case0
    i32 1, label %case1
    i32 2, label %case2
    i32 3, label %case3
    i32 4, label %case0
    i32 6, label %case2
    i32 7, label %case3
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case2
    i32 11, label %case3
    i32 12, label %case0
  ]
case0:
  %x0 = add i32 %x, 1
  br label %loop
case1:
  %x1 = add i32 %x, 2
  br label %loop
case2:
  %x2 = add i32 %x, 3
  br label %loop
case3:
  %x3 = add i32 %x, 4
  br label %loop
other:
  %r = phi i32 [ %x, %loop ]
  ret i32 %r
}

; Values from 50 on: what is below wraps and is cut, too.
; CHECK-LABEL: @f1(
; CHECK: [[V:%.*]] = freeze i32 %x
; CHECK-NEXT: [[D:%.*]] = sub i32 [[V]], 50
; CHECK-NEXT: [[IN:%.*]] = icmp ult i32 [[D]], 12
; CHECK-NEXT: [[I:%.*]] = select i1 [[IN]], i32 [[D]], i32 12
; CHECK-NEXT: switch i32 [[I]],
; CHECK-NEXT: i32 0, label %case0
; CHECK: i32 11, label %case3
; CHECK-NEXT: i32 12, label %other
; CHECK-NEXT: ]
define i32 @f1(ptr swiftself %ctx, i32 %p) {
entry: ; so many that the edges are worth it
  %s0 = mul i32 %p, %p %s1 = mul i32 %s0, %p %s2 = mul i32 %s1, %p %s3 = mul i32 %s2, %p %s4 = mul i32 %s3, %p %s5 = mul i32 %s4, %p
  %s6 = mul i32 %s5, %p %s7 = mul i32 %s6, %p %s8 = mul i32 %s7, %p %s9 = mul i32 %s8, %p %s10 = mul i32 %s9, %p %s11 = mul i32 %s10, %p
  %s12 = mul i32 %s11, %p %s13 = mul i32 %s12, %p %s14 = mul i32 %s13, %p %s15 = mul i32 %s14, %p %s16 = mul i32 %s15, %p %s17 = mul i32 %s16, %p
  %s18 = mul i32 %s17, %p %s19 = mul i32 %s18, %p %s20 = mul i32 %s19, %p %s21 = mul i32 %s20, %p %s22 = mul i32 %s21, %p %s23 = mul i32 %s22, %p
  %s24 = mul i32 %s23, %p %s25 = mul i32 %s24, %p %s26 = mul i32 %s25, %p %s27 = mul i32 %s26, %p %s28 = mul i32 %s27, %p %s29 = mul i32 %s28, %p
  %s30 = mul i32 %s29, %p %s31 = mul i32 %s30, %p %s32 = mul i32 %s31, %p %s33 = mul i32 %s32, %p %s34 = mul i32 %s33, %p %s35 = mul i32 %s34, %p
  %s36 = mul i32 %s35, %p %s37 = mul i32 %s36, %p %s38 = mul i32 %s37, %p %s39 = mul i32 %s38, %p %s40 = mul i32 %s39, %p %s41 = mul i32 %s40, %p
  %s42 = mul i32 %s41, %p %s43 = mul i32 %s42, %p %s44 = mul i32 %s43, %p %s45 = mul i32 %s44, %p %s46 = mul i32 %s45, %p %s47 = mul i32 %s46, %p
  %s48 = mul i32 %s47, %p %s49 = mul i32 %s48, %p %s50 = mul i32 %s49, %p %s51 = mul i32 %s50, %p %s52 = mul i32 %s51, %p %s53 = mul i32 %s52, %p
  %s54 = mul i32 %s53, %p %s55 = mul i32 %s54, %p %s56 = mul i32 %s55, %p %s57 = mul i32 %s56, %p %s58 = mul i32 %s57, %p %s59 = mul i32 %s58, %p
  br label %loop
loop:
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ], [ %x2, %case2 ], [ %x3, %case3 ]
  switch i32 %x, label %other [
    i32 50, label %case0
    i32 51, label %case1
    i32 52, label %case2
    i32 53, label %case3
    i32 54, label %case0
    i32 55, label %case1
    i32 56, label %case2
    i32 57, label %case3
    i32 58, label %case0
    i32 59, label %case1
    i32 60, label %case2
    i32 61, label %case3
  ]
case0:
  %x0 = add i32 %x, 1
  br label %loop
case1:
  %x1 = add i32 %x, 2
  br label %loop
case2:
  %x2 = add i32 %x, 3
  br label %loop
case3:
  %x3 = add i32 %x, 4
  br label %loop
other:
  %r = phi i32 [ %x, %loop ]
  ret i32 %r
}

; A byte has no value that needs a check.
; CHECK-LABEL: @f2(
; CHECK: [[V:%.*]] = freeze i32 %z
; CHECK-NEXT: switch i32 [[V]],
; CHECK-NEXT: i32 0, label %other
; CHECK-NEXT: i32 1, label %other
; CHECK-NEXT: i32 2, label %case0
; CHECK: i32 41, label %case3
; CHECK-NEXT: i32 42, label %other
; CHECK: i32 255, label %other
; CHECK-NEXT: ]
define i32 @f2(ptr swiftself %ctx, i32 %p) {
entry: ; so many that the edges are worth it
  %s0 = mul i32 %p, %p %s1 = mul i32 %s0, %p %s2 = mul i32 %s1, %p %s3 = mul i32 %s2, %p %s4 = mul i32 %s3, %p %s5 = mul i32 %s4, %p
  %s6 = mul i32 %s5, %p %s7 = mul i32 %s6, %p %s8 = mul i32 %s7, %p %s9 = mul i32 %s8, %p %s10 = mul i32 %s9, %p %s11 = mul i32 %s10, %p
  %s12 = mul i32 %s11, %p %s13 = mul i32 %s12, %p %s14 = mul i32 %s13, %p %s15 = mul i32 %s14, %p %s16 = mul i32 %s15, %p %s17 = mul i32 %s16, %p
  %s18 = mul i32 %s17, %p %s19 = mul i32 %s18, %p %s20 = mul i32 %s19, %p %s21 = mul i32 %s20, %p %s22 = mul i32 %s21, %p %s23 = mul i32 %s22, %p
  %s24 = mul i32 %s23, %p %s25 = mul i32 %s24, %p %s26 = mul i32 %s25, %p %s27 = mul i32 %s26, %p %s28 = mul i32 %s27, %p %s29 = mul i32 %s28, %p
  %s30 = mul i32 %s29, %p %s31 = mul i32 %s30, %p %s32 = mul i32 %s31, %p %s33 = mul i32 %s32, %p %s34 = mul i32 %s33, %p %s35 = mul i32 %s34, %p
  %s36 = mul i32 %s35, %p %s37 = mul i32 %s36, %p %s38 = mul i32 %s37, %p %s39 = mul i32 %s38, %p %s40 = mul i32 %s39, %p %s41 = mul i32 %s40, %p
  %s42 = mul i32 %s41, %p %s43 = mul i32 %s42, %p %s44 = mul i32 %s43, %p %s45 = mul i32 %s44, %p %s46 = mul i32 %s45, %p %s47 = mul i32 %s46, %p
  %s48 = mul i32 %s47, %p %s49 = mul i32 %s48, %p %s50 = mul i32 %s49, %p %s51 = mul i32 %s50, %p %s52 = mul i32 %s51, %p %s53 = mul i32 %s52, %p
  %s54 = mul i32 %s53, %p %s55 = mul i32 %s54, %p %s56 = mul i32 %s55, %p %s57 = mul i32 %s56, %p %s58 = mul i32 %s57, %p %s59 = mul i32 %s58, %p
  br label %loop
loop:
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ], [ %x2, %case2 ], [ %x3, %case3 ]
  %b = trunc i32 %x to i8
  %z = zext i8 %b to i32
  switch i32 %z, label %other [
    i32 2, label %case0
    i32 3, label %case1
    i32 4, label %case2
    i32 5, label %case3
    i32 6, label %case0
    i32 7, label %case1
    i32 8, label %case2
    i32 9, label %case3
    i32 10, label %case0
    i32 11, label %case1
    i32 12, label %case2
    i32 13, label %case3
    i32 14, label %case0
    i32 15, label %case1
    i32 16, label %case2
    i32 17, label %case3
    i32 18, label %case0
    i32 19, label %case1
    i32 20, label %case2
    i32 21, label %case3
    i32 22, label %case0
    i32 23, label %case1
    i32 24, label %case2
    i32 25, label %case3
    i32 26, label %case0
    i32 27, label %case1
    i32 28, label %case2
    i32 29, label %case3
    i32 30, label %case0
    i32 31, label %case1
    i32 32, label %case2
    i32 33, label %case3
    i32 34, label %case0
    i32 35, label %case1
    i32 36, label %case2
    i32 37, label %case3
    i32 38, label %case0
    i32 39, label %case1
    i32 40, label %case2
    i32 41, label %case3
  ]
case0:
  %x0 = add i32 %x, 1
  br label %loop
case1:
  %x1 = add i32 %x, 2
  br label %loop
case2:
  %x2 = add i32 %x, 3
  br label %loop
case3:
  %x3 = add i32 %x, 4
  br label %loop
other:
  %r = phi i32 [ %x, %loop ]
  ret i32 %r
}
