; Switches that keep their check.
; passes: dispatch

; Too few values.
; CHECK-LABEL: @f0(
; CHECK: switch i32 %x, label %other [
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
    i32 5, label %case1
    i32 6, label %case2
    i32 7, label %case3
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case2
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

; Too few ways.
; CHECK-LABEL: @f1(
; CHECK: switch i32 %x, label %other [
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
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ]
  switch i32 %x, label %other [
    i32 0, label %case0
    i32 1, label %case1
    i32 2, label %case0
    i32 3, label %case1
    i32 4, label %case0
    i32 5, label %case1
    i32 6, label %case0
    i32 7, label %case1
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case0
    i32 11, label %case1
    i32 12, label %case0
    i32 13, label %case1
    i32 14, label %case0
    i32 15, label %case1
    i32 16, label %case0
    i32 17, label %case1
    i32 18, label %case0
    i32 19, label %case1
  ]
case0:
  %x0 = add i32 %x, 1
  br label %loop
case1:
  %x1 = add i32 %x, 2
  br label %loop
other:
  %r = phi i32 [ %x, %loop ]
  ret i32 %r
}

; Less than half of the values have a case.
; CHECK-LABEL: @f2(
; CHECK: switch i32 %x, label %other [
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
  switch i32 %x, label %other [
    i32 0, label %case0
    i32 3, label %case1
    i32 6, label %case2
    i32 9, label %case3
    i32 12, label %case0
    i32 15, label %case1
    i32 18, label %case2
    i32 21, label %case3
    i32 24, label %case0
    i32 27, label %case1
    i32 30, label %case2
    i32 33, label %case3
    i32 36, label %case0
    i32 39, label %case1
    i32 42, label %case2
    i32 45, label %case3
    i32 48, label %case0
    i32 51, label %case1
    i32 54, label %case2
    i32 57, label %case3
    i32 60, label %case0
    i32 63, label %case1
    i32 66, label %case2
    i32 69, label %case3
    i32 72, label %case0
    i32 75, label %case1
    i32 78, label %case2
    i32 81, label %case3
    i32 84, label %case0
    i32 87, label %case1
    i32 90, label %case2
    i32 93, label %case3
    i32 96, label %case0
    i32 99, label %case1
    i32 102, label %case2
    i32 105, label %case3
    i32 108, label %case0
    i32 111, label %case1
    i32 114, label %case2
    i32 117, label %case3
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

; A long block, which nobody wants copied.
; CHECK-LABEL: @f3(
; CHECK: switch i32 %y17, label %other [
define i32 @f3(ptr swiftself %ctx, i32 %p) {
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
  %y1 = mul i32 %x, %p
  %y2 = mul i32 %y1, %p
  %y3 = mul i32 %y2, %p
  %y4 = mul i32 %y3, %p
  %y5 = mul i32 %y4, %p
  %y6 = mul i32 %y5, %p
  %y7 = mul i32 %y6, %p
  %y8 = mul i32 %y7, %p
  %y9 = mul i32 %y8, %p
  %y10 = mul i32 %y9, %p
  %y11 = mul i32 %y10, %p
  %y12 = mul i32 %y11, %p
  %y13 = mul i32 %y12, %p
  %y14 = mul i32 %y13, %p
  %y15 = mul i32 %y14, %p
  %y16 = mul i32 %y15, %p
  %y17 = mul i32 %y16, %p
  switch i32 %y17, label %other [
    i32 0, label %case0
    i32 1, label %case1
    i32 2, label %case2
    i32 3, label %case3
    i32 4, label %case0
    i32 5, label %case1
    i32 6, label %case2
    i32 7, label %case3
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case2
    i32 11, label %case3
    i32 12, label %case0
    i32 13, label %case1
    i32 14, label %case2
    i32 15, label %case3
    i32 16, label %case0
    i32 17, label %case1
    i32 18, label %case2
    i32 19, label %case3
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

; All 256 values of a byte have a case: LLVM needs no check.
; CHECK-LABEL: @f4(
; CHECK: switch i32 %z, label %other [
define i32 @f4(ptr swiftself %ctx, i32 %p) {
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
  %s60 = mul i32 %s59, %p %s61 = mul i32 %s60, %p %s62 = mul i32 %s61, %p %s63 = mul i32 %s62, %p %s64 = mul i32 %s63, %p %s65 = mul i32 %s64, %p
  %s66 = mul i32 %s65, %p %s67 = mul i32 %s66, %p %s68 = mul i32 %s67, %p %s69 = mul i32 %s68, %p %s70 = mul i32 %s69, %p %s71 = mul i32 %s70, %p
  %s72 = mul i32 %s71, %p %s73 = mul i32 %s72, %p %s74 = mul i32 %s73, %p %s75 = mul i32 %s74, %p %s76 = mul i32 %s75, %p %s77 = mul i32 %s76, %p
  %s78 = mul i32 %s77, %p %s79 = mul i32 %s78, %p %s80 = mul i32 %s79, %p %s81 = mul i32 %s80, %p %s82 = mul i32 %s81, %p %s83 = mul i32 %s82, %p
  %s84 = mul i32 %s83, %p %s85 = mul i32 %s84, %p %s86 = mul i32 %s85, %p %s87 = mul i32 %s86, %p %s88 = mul i32 %s87, %p %s89 = mul i32 %s88, %p
  %s90 = mul i32 %s89, %p %s91 = mul i32 %s90, %p %s92 = mul i32 %s91, %p %s93 = mul i32 %s92, %p %s94 = mul i32 %s93, %p %s95 = mul i32 %s94, %p
  %s96 = mul i32 %s95, %p %s97 = mul i32 %s96, %p %s98 = mul i32 %s97, %p %s99 = mul i32 %s98, %p %s100 = mul i32 %s99, %p %s101 = mul i32 %s100, %p
  %s102 = mul i32 %s101, %p %s103 = mul i32 %s102, %p %s104 = mul i32 %s103, %p %s105 = mul i32 %s104, %p %s106 = mul i32 %s105, %p %s107 = mul i32 %s106, %p
  %s108 = mul i32 %s107, %p %s109 = mul i32 %s108, %p %s110 = mul i32 %s109, %p %s111 = mul i32 %s110, %p %s112 = mul i32 %s111, %p %s113 = mul i32 %s112, %p
  %s114 = mul i32 %s113, %p %s115 = mul i32 %s114, %p %s116 = mul i32 %s115, %p %s117 = mul i32 %s116, %p %s118 = mul i32 %s117, %p %s119 = mul i32 %s118, %p
  %s120 = mul i32 %s119, %p %s121 = mul i32 %s120, %p %s122 = mul i32 %s121, %p %s123 = mul i32 %s122, %p %s124 = mul i32 %s123, %p %s125 = mul i32 %s124, %p
  %s126 = mul i32 %s125, %p %s127 = mul i32 %s126, %p %s128 = mul i32 %s127, %p %s129 = mul i32 %s128, %p %s130 = mul i32 %s129, %p %s131 = mul i32 %s130, %p
  %s132 = mul i32 %s131, %p %s133 = mul i32 %s132, %p %s134 = mul i32 %s133, %p %s135 = mul i32 %s134, %p %s136 = mul i32 %s135, %p %s137 = mul i32 %s136, %p
  %s138 = mul i32 %s137, %p %s139 = mul i32 %s138, %p %s140 = mul i32 %s139, %p %s141 = mul i32 %s140, %p %s142 = mul i32 %s141, %p %s143 = mul i32 %s142, %p
  %s144 = mul i32 %s143, %p %s145 = mul i32 %s144, %p %s146 = mul i32 %s145, %p %s147 = mul i32 %s146, %p %s148 = mul i32 %s147, %p %s149 = mul i32 %s148, %p
  %s150 = mul i32 %s149, %p %s151 = mul i32 %s150, %p %s152 = mul i32 %s151, %p %s153 = mul i32 %s152, %p %s154 = mul i32 %s153, %p %s155 = mul i32 %s154, %p
  %s156 = mul i32 %s155, %p %s157 = mul i32 %s156, %p %s158 = mul i32 %s157, %p %s159 = mul i32 %s158, %p %s160 = mul i32 %s159, %p %s161 = mul i32 %s160, %p
  %s162 = mul i32 %s161, %p %s163 = mul i32 %s162, %p %s164 = mul i32 %s163, %p %s165 = mul i32 %s164, %p %s166 = mul i32 %s165, %p %s167 = mul i32 %s166, %p
  %s168 = mul i32 %s167, %p %s169 = mul i32 %s168, %p %s170 = mul i32 %s169, %p %s171 = mul i32 %s170, %p %s172 = mul i32 %s171, %p %s173 = mul i32 %s172, %p
  %s174 = mul i32 %s173, %p %s175 = mul i32 %s174, %p %s176 = mul i32 %s175, %p %s177 = mul i32 %s176, %p %s178 = mul i32 %s177, %p %s179 = mul i32 %s178, %p
  %s180 = mul i32 %s179, %p %s181 = mul i32 %s180, %p %s182 = mul i32 %s181, %p %s183 = mul i32 %s182, %p %s184 = mul i32 %s183, %p %s185 = mul i32 %s184, %p
  %s186 = mul i32 %s185, %p %s187 = mul i32 %s186, %p %s188 = mul i32 %s187, %p %s189 = mul i32 %s188, %p %s190 = mul i32 %s189, %p %s191 = mul i32 %s190, %p
  %s192 = mul i32 %s191, %p %s193 = mul i32 %s192, %p %s194 = mul i32 %s193, %p %s195 = mul i32 %s194, %p %s196 = mul i32 %s195, %p %s197 = mul i32 %s196, %p
  %s198 = mul i32 %s197, %p %s199 = mul i32 %s198, %p %s200 = mul i32 %s199, %p %s201 = mul i32 %s200, %p %s202 = mul i32 %s201, %p %s203 = mul i32 %s202, %p
  %s204 = mul i32 %s203, %p %s205 = mul i32 %s204, %p %s206 = mul i32 %s205, %p %s207 = mul i32 %s206, %p %s208 = mul i32 %s207, %p %s209 = mul i32 %s208, %p
  %s210 = mul i32 %s209, %p %s211 = mul i32 %s210, %p %s212 = mul i32 %s211, %p %s213 = mul i32 %s212, %p %s214 = mul i32 %s213, %p %s215 = mul i32 %s214, %p
  %s216 = mul i32 %s215, %p %s217 = mul i32 %s216, %p %s218 = mul i32 %s217, %p %s219 = mul i32 %s218, %p %s220 = mul i32 %s219, %p %s221 = mul i32 %s220, %p
  %s222 = mul i32 %s221, %p %s223 = mul i32 %s222, %p %s224 = mul i32 %s223, %p %s225 = mul i32 %s224, %p %s226 = mul i32 %s225, %p %s227 = mul i32 %s226, %p
  %s228 = mul i32 %s227, %p %s229 = mul i32 %s228, %p %s230 = mul i32 %s229, %p %s231 = mul i32 %s230, %p %s232 = mul i32 %s231, %p %s233 = mul i32 %s232, %p
  %s234 = mul i32 %s233, %p %s235 = mul i32 %s234, %p %s236 = mul i32 %s235, %p %s237 = mul i32 %s236, %p %s238 = mul i32 %s237, %p %s239 = mul i32 %s238, %p
  %s240 = mul i32 %s239, %p %s241 = mul i32 %s240, %p %s242 = mul i32 %s241, %p %s243 = mul i32 %s242, %p %s244 = mul i32 %s243, %p %s245 = mul i32 %s244, %p
  %s246 = mul i32 %s245, %p %s247 = mul i32 %s246, %p %s248 = mul i32 %s247, %p %s249 = mul i32 %s248, %p %s250 = mul i32 %s249, %p %s251 = mul i32 %s250, %p
  %s252 = mul i32 %s251, %p %s253 = mul i32 %s252, %p %s254 = mul i32 %s253, %p %s255 = mul i32 %s254, %p %s256 = mul i32 %s255, %p %s257 = mul i32 %s256, %p
  %s258 = mul i32 %s257, %p %s259 = mul i32 %s258, %p %s260 = mul i32 %s259, %p %s261 = mul i32 %s260, %p %s262 = mul i32 %s261, %p %s263 = mul i32 %s262, %p
  %s264 = mul i32 %s263, %p %s265 = mul i32 %s264, %p %s266 = mul i32 %s265, %p %s267 = mul i32 %s266, %p %s268 = mul i32 %s267, %p %s269 = mul i32 %s268, %p
  %s270 = mul i32 %s269, %p %s271 = mul i32 %s270, %p %s272 = mul i32 %s271, %p %s273 = mul i32 %s272, %p %s274 = mul i32 %s273, %p %s275 = mul i32 %s274, %p
  %s276 = mul i32 %s275, %p %s277 = mul i32 %s276, %p %s278 = mul i32 %s277, %p %s279 = mul i32 %s278, %p %s280 = mul i32 %s279, %p %s281 = mul i32 %s280, %p
  %s282 = mul i32 %s281, %p %s283 = mul i32 %s282, %p %s284 = mul i32 %s283, %p %s285 = mul i32 %s284, %p %s286 = mul i32 %s285, %p %s287 = mul i32 %s286, %p
  %s288 = mul i32 %s287, %p %s289 = mul i32 %s288, %p %s290 = mul i32 %s289, %p %s291 = mul i32 %s290, %p %s292 = mul i32 %s291, %p %s293 = mul i32 %s292, %p
  %s294 = mul i32 %s293, %p %s295 = mul i32 %s294, %p %s296 = mul i32 %s295, %p %s297 = mul i32 %s296, %p %s298 = mul i32 %s297, %p %s299 = mul i32 %s298, %p
  %s300 = mul i32 %s299, %p %s301 = mul i32 %s300, %p %s302 = mul i32 %s301, %p %s303 = mul i32 %s302, %p %s304 = mul i32 %s303, %p %s305 = mul i32 %s304, %p
  %s306 = mul i32 %s305, %p %s307 = mul i32 %s306, %p %s308 = mul i32 %s307, %p %s309 = mul i32 %s308, %p %s310 = mul i32 %s309, %p %s311 = mul i32 %s310, %p
  %s312 = mul i32 %s311, %p %s313 = mul i32 %s312, %p %s314 = mul i32 %s313, %p %s315 = mul i32 %s314, %p %s316 = mul i32 %s315, %p %s317 = mul i32 %s316, %p
  %s318 = mul i32 %s317, %p %s319 = mul i32 %s318, %p %s320 = mul i32 %s319, %p %s321 = mul i32 %s320, %p %s322 = mul i32 %s321, %p %s323 = mul i32 %s322, %p
  %s324 = mul i32 %s323, %p %s325 = mul i32 %s324, %p %s326 = mul i32 %s325, %p %s327 = mul i32 %s326, %p %s328 = mul i32 %s327, %p %s329 = mul i32 %s328, %p
  br label %loop
loop:
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ], [ %x2, %case2 ], [ %x3, %case3 ]
  %b = trunc i32 %x to i8
  %z = zext i8 %b to i32
  switch i32 %z, label %other [
    i32 0, label %case0
    i32 1, label %case1
    i32 2, label %case2
    i32 3, label %case3
    i32 4, label %case0
    i32 5, label %case1
    i32 6, label %case2
    i32 7, label %case3
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case2
    i32 11, label %case3
    i32 12, label %case0
    i32 13, label %case1
    i32 14, label %case2
    i32 15, label %case3
    i32 16, label %case0
    i32 17, label %case1
    i32 18, label %case2
    i32 19, label %case3
    i32 20, label %case0
    i32 21, label %case1
    i32 22, label %case2
    i32 23, label %case3
    i32 24, label %case0
    i32 25, label %case1
    i32 26, label %case2
    i32 27, label %case3
    i32 28, label %case0
    i32 29, label %case1
    i32 30, label %case2
    i32 31, label %case3
    i32 32, label %case0
    i32 33, label %case1
    i32 34, label %case2
    i32 35, label %case3
    i32 36, label %case0
    i32 37, label %case1
    i32 38, label %case2
    i32 39, label %case3
    i32 40, label %case0
    i32 41, label %case1
    i32 42, label %case2
    i32 43, label %case3
    i32 44, label %case0
    i32 45, label %case1
    i32 46, label %case2
    i32 47, label %case3
    i32 48, label %case0
    i32 49, label %case1
    i32 50, label %case2
    i32 51, label %case3
    i32 52, label %case0
    i32 53, label %case1
    i32 54, label %case2
    i32 55, label %case3
    i32 56, label %case0
    i32 57, label %case1
    i32 58, label %case2
    i32 59, label %case3
    i32 60, label %case0
    i32 61, label %case1
    i32 62, label %case2
    i32 63, label %case3
    i32 64, label %case0
    i32 65, label %case1
    i32 66, label %case2
    i32 67, label %case3
    i32 68, label %case0
    i32 69, label %case1
    i32 70, label %case2
    i32 71, label %case3
    i32 72, label %case0
    i32 73, label %case1
    i32 74, label %case2
    i32 75, label %case3
    i32 76, label %case0
    i32 77, label %case1
    i32 78, label %case2
    i32 79, label %case3
    i32 80, label %case0
    i32 81, label %case1
    i32 82, label %case2
    i32 83, label %case3
    i32 84, label %case0
    i32 85, label %case1
    i32 86, label %case2
    i32 87, label %case3
    i32 88, label %case0
    i32 89, label %case1
    i32 90, label %case2
    i32 91, label %case3
    i32 92, label %case0
    i32 93, label %case1
    i32 94, label %case2
    i32 95, label %case3
    i32 96, label %case0
    i32 97, label %case1
    i32 98, label %case2
    i32 99, label %case3
    i32 100, label %case0
    i32 101, label %case1
    i32 102, label %case2
    i32 103, label %case3
    i32 104, label %case0
    i32 105, label %case1
    i32 106, label %case2
    i32 107, label %case3
    i32 108, label %case0
    i32 109, label %case1
    i32 110, label %case2
    i32 111, label %case3
    i32 112, label %case0
    i32 113, label %case1
    i32 114, label %case2
    i32 115, label %case3
    i32 116, label %case0
    i32 117, label %case1
    i32 118, label %case2
    i32 119, label %case3
    i32 120, label %case0
    i32 121, label %case1
    i32 122, label %case2
    i32 123, label %case3
    i32 124, label %case0
    i32 125, label %case1
    i32 126, label %case2
    i32 127, label %case3
    i32 128, label %case0
    i32 129, label %case1
    i32 130, label %case2
    i32 131, label %case3
    i32 132, label %case0
    i32 133, label %case1
    i32 134, label %case2
    i32 135, label %case3
    i32 136, label %case0
    i32 137, label %case1
    i32 138, label %case2
    i32 139, label %case3
    i32 140, label %case0
    i32 141, label %case1
    i32 142, label %case2
    i32 143, label %case3
    i32 144, label %case0
    i32 145, label %case1
    i32 146, label %case2
    i32 147, label %case3
    i32 148, label %case0
    i32 149, label %case1
    i32 150, label %case2
    i32 151, label %case3
    i32 152, label %case0
    i32 153, label %case1
    i32 154, label %case2
    i32 155, label %case3
    i32 156, label %case0
    i32 157, label %case1
    i32 158, label %case2
    i32 159, label %case3
    i32 160, label %case0
    i32 161, label %case1
    i32 162, label %case2
    i32 163, label %case3
    i32 164, label %case0
    i32 165, label %case1
    i32 166, label %case2
    i32 167, label %case3
    i32 168, label %case0
    i32 169, label %case1
    i32 170, label %case2
    i32 171, label %case3
    i32 172, label %case0
    i32 173, label %case1
    i32 174, label %case2
    i32 175, label %case3
    i32 176, label %case0
    i32 177, label %case1
    i32 178, label %case2
    i32 179, label %case3
    i32 180, label %case0
    i32 181, label %case1
    i32 182, label %case2
    i32 183, label %case3
    i32 184, label %case0
    i32 185, label %case1
    i32 186, label %case2
    i32 187, label %case3
    i32 188, label %case0
    i32 189, label %case1
    i32 190, label %case2
    i32 191, label %case3
    i32 192, label %case0
    i32 193, label %case1
    i32 194, label %case2
    i32 195, label %case3
    i32 196, label %case0
    i32 197, label %case1
    i32 198, label %case2
    i32 199, label %case3
    i32 200, label %case0
    i32 201, label %case1
    i32 202, label %case2
    i32 203, label %case3
    i32 204, label %case0
    i32 205, label %case1
    i32 206, label %case2
    i32 207, label %case3
    i32 208, label %case0
    i32 209, label %case1
    i32 210, label %case2
    i32 211, label %case3
    i32 212, label %case0
    i32 213, label %case1
    i32 214, label %case2
    i32 215, label %case3
    i32 216, label %case0
    i32 217, label %case1
    i32 218, label %case2
    i32 219, label %case3
    i32 220, label %case0
    i32 221, label %case1
    i32 222, label %case2
    i32 223, label %case3
    i32 224, label %case0
    i32 225, label %case1
    i32 226, label %case2
    i32 227, label %case3
    i32 228, label %case0
    i32 229, label %case1
    i32 230, label %case2
    i32 231, label %case3
    i32 232, label %case0
    i32 233, label %case1
    i32 234, label %case2
    i32 235, label %case3
    i32 236, label %case0
    i32 237, label %case1
    i32 238, label %case2
    i32 239, label %case3
    i32 240, label %case0
    i32 241, label %case1
    i32 242, label %case2
    i32 243, label %case3
    i32 244, label %case0
    i32 245, label %case1
    i32 246, label %case2
    i32 247, label %case3
    i32 248, label %case0
    i32 249, label %case1
    i32 250, label %case2
    i32 251, label %case3
    i32 252, label %case0
    i32 253, label %case1
    i32 254, label %case2
    i32 255, label %case3
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

; The end would have no number in so few bits.
; CHECK-LABEL: @f5(
; CHECK: switch i8 %b, label %other [
define i32 @f5(ptr swiftself %ctx, i32 %p) {
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
  switch i8 %b, label %other [
    i8 0, label %case0
    i8 1, label %case1
    i8 2, label %case2
    i8 3, label %case3
    i8 4, label %case0
    i8 5, label %case1
    i8 6, label %case2
    i8 7, label %case3
    i8 8, label %case0
    i8 9, label %case1
    i8 10, label %case2
    i8 11, label %case3
    i8 12, label %case0
    i8 13, label %case1
    i8 14, label %case2
    i8 15, label %case3
    i8 16, label %case0
    i8 17, label %case1
    i8 18, label %case2
    i8 19, label %case3
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

; More edges than the size of the function is worth.
; CHECK-LABEL: @f6(
; CHECK: switch i32 %x, label %other [
define i32 @f6(ptr swiftself %ctx, i32 %p) {
entry:
  br label %loop
loop:
  %x = phi i32 [ %p, %entry ], [ %x0, %case0 ], [ %x1, %case1 ], [ %x2, %case2 ], [ %x3, %case3 ]
  switch i32 %x, label %other [
    i32 0, label %case0
    i32 1, label %case1
    i32 2, label %case2
    i32 3, label %case3
    i32 4, label %case0
    i32 5, label %case1
    i32 6, label %case2
    i32 7, label %case3
    i32 8, label %case0
    i32 9, label %case1
    i32 10, label %case2
    i32 11, label %case3
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
