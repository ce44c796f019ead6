; Sums that stay by themselves.
; passes: pack
; memory: 1 none
; target: x86_64-linux-gnu haswell
; CHECK-NOT: phi <
; CHECK-NOT: load <

; What is loaded does not lie side by side.
define double @f0(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a = phi double [ 0.0, %entry ], [ %a1, %loop ]
  %b = phi double [ 0.0, %entry ], [ %b1, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %p16 = getelementptr i8, ptr %p, i64 16
  %la = load double, ptr %p, align 1
  %lb = load double, ptr %p16, align 1
  %a1 = fadd double %a, %la
  %b1 = fadd double %b, %lb
  %i1 = add i64 %i, 16
  %more = icmp ne i64 %i1, %n
  br i1 %more, label %loop, label %exit
exit:
  %s = fsub double %a1, %b1
  ret double %s
}

; Operations differ, or their order does.
define double @f1(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a = phi double [ 0.0, %entry ], [ %a1, %loop ]
  %b = phi double [ 0.0, %entry ], [ %b1, %loop ]
  %c = phi double [ 0.0, %entry ], [ %c1, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %p8 = getelementptr i8, ptr %p, i64 8
  %p16 = getelementptr i8, ptr %p, i64 16
  %la = load double, ptr %p, align 1
  %lb = load double, ptr %p8, align 1
  %lc = load double, ptr %p16, align 1
  %a1 = fadd double %a, %la
  %b1 = fsub double %b, %lb
  %c1 = fsub double %lc, %c
  %i1 = add i64 %i, 24
  %more = icmp ne i64 %i1, %n
  br i1 %more, label %loop, label %exit
exit:
  %s = fsub double %a1, %b1
  %t = fsub double %s, %c1
  ret double %t
}

; There is a store; a load that has to stay; a sum that something else needs.
define double @f2(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a = phi double [ 0.0, %entry ], [ %a1, %loop ]
  %b = phi double [ 0.0, %entry ], [ %b1, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %p8 = getelementptr i8, ptr %p, i64 8
  %la = load double, ptr %p, align 1
  store volatile i32 1, ptr %ctx, align 1
  %lb = load double, ptr %p8, align 1
  %a1 = fadd double %a, %la
  %b1 = fadd double %b, %lb
  %i1 = add i64 %i, 16
  %more = icmp ne i64 %i1, %n
  br i1 %more, label %loop, label %second
second:
  %j = phi i64 [ 0, %loop ], [ %j1, %second ]
  %c = phi double [ 0.0, %loop ], [ %c1, %second ]
  %d = phi double [ 0.0, %loop ], [ %d1, %second ]
  %q = getelementptr i8, ptr %ctx, i64 %j
  %q8 = getelementptr i8, ptr %q, i64 8
  %lc = load volatile double, ptr %q, align 1
  %ld = load double, ptr %q8, align 1
  %c1 = fadd double %c, %lc
  %d1 = fadd double %d, %ld
  %j1 = add i64 %j, 16
  %more2 = icmp ne i64 %j1, %n
  br i1 %more2, label %second, label %between
between:
  br label %third
third:
  %k = phi i64 [ 0, %between ], [ %k1, %third ]
  %e = phi double [ 0.0, %between ], [ %e1, %third ]
  %f = phi double [ 0.0, %between ], [ %f1, %third ]
  %r = getelementptr i8, ptr %ctx, i64 %k
  %r8 = getelementptr i8, ptr %r, i64 8
  %le = load double, ptr %r, align 1
  %lf = load double, ptr %r8, align 1
  %e1 = fadd double %e, %le
  %f1 = fadd double %f, %lf
  %k1 = add i64 %k, 16
  %below = fcmp olt double %e, %f
  %more3 = icmp ne i64 %k1, %n
  %go = and i1 %below, %more3
  br i1 %go, label %third, label %exit
exit:
  %s = fsub double %a1, %b1
  %t = fsub double %s, %c1
  %u = fsub double %t, %d1
  %v = fsub double %u, %e1
  %w = fsub double %v, %f1
  ret double %w
}

; Of three one is next to none.
define float @f3(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a = phi float [ 0.0, %entry ], [ %a1, %loop ]
  %b = phi float [ 0.0, %entry ], [ %b1, %loop ]
  %c = phi float [ 0.0, %entry ], [ %c1, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %p4 = getelementptr i8, ptr %p, i64 4
  %p8 = getelementptr i8, ptr %p, i64 8
  %la = load float, ptr %p, align 1
  %lb = load float, ptr %p4, align 1
  %lc = load float, ptr %p8, align 1
  %a1 = fadd float %a, %la
  %b1 = fadd float %b, %lb
  %c1 = fadd float %c, %lc
  %i1 = add i64 %i, 12
  %more = icmp ne i64 %i1, %n
  br i1 %more, label %loop, label %exit
exit:
  %s = fsub float %a1, %b1
  %t = fsub float %s, %c1
  ret float %t
}
