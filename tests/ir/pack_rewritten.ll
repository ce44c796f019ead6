; Sums that a loop makes side by side.
; passes: pack
; memory: 1 none
; target: x86_64-linux-gnu haswell

; Two by two sums: those with one element of a in common go together. The exit takes them apart.
; CHECK-LABEL: @f0(
; CHECK: loop:
; CHECK-NEXT: [[D:%.*]] = phi <2 x double> [ <double 0.000000e+00, double 1.000000e+00>, %entry ], [ [[DN:%.*]], %loop ]
; CHECK-NEXT: [[C:%.*]] = phi <2 x double> [ zeroinitializer, %entry ], [ [[CN:%.*]], %loop ]
; CHECK-NOT: phi double
; CHECK: %a0 = load double, ptr %pa
; CHECK-NOT: load double, ptr %pb
; CHECK: [[B:%.*]] = load <2 x double>, ptr %pb, align 1
; CHECK: fmul <2 x double>
; CHECK: [[CN]] = fadd <2 x double> [[C]],
; CHECK-NOT: load
; CHECK: [[DN]] = fadd <2 x double> [[D]],
; CHECK: exit:
; CHECK: [[R:%.*]] = extractelement <2 x double> [[CN]], i32 0
; CHECK: fadd double [[R]],
define double @f0(ptr swiftself %ctx, i32 %a, i32 %b, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %c00 = phi double [ 0.0, %entry ], [ %n00, %loop ]
  %c01 = phi double [ 0.0, %entry ], [ %n01, %loop ]
  %c10 = phi double [ 0.0, %entry ], [ %n10, %loop ]
  %c11 = phi double [ 1.0, %entry ], [ %n11, %loop ]
  %pa32 = add i32 %a, %i
  %pa64 = zext i32 %pa32 to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pa64
  %pb32 = add i32 %b, %i
  %pb64 = zext i32 %pb32 to i64
  %pb = getelementptr i8, ptr %ctx, i64 %pb64
  %pa8 = getelementptr i8, ptr %pa, i64 8
  %pb8 = getelementptr i8, ptr %pb, i64 8
  %a0 = load double, ptr %pa, align 1
  %a1 = load double, ptr %pa8, align 1
  %b0 = load double, ptr %pb, align 1
  %b1 = load double, ptr %pb8, align 1
  %m00 = fmul double %a0, %b0
  %m01 = fmul double %b1, %a0
  %m10 = fmul double %a1, %b0
  %m11 = fmul double %a1, %b1
  %n00 = fadd double %c00, %m00
  %n01 = fadd double %m01, %c01
  %n10 = fadd double %c10, %m10
  %n11 = fadd double %c11, %m11
  %i1 = add i32 %i, 16
  %more = icmp ne i32 %i1, %n
  br i1 %more, label %loop, label %exit
exit:
  %s = phi double [ %n00, %loop ]
  %t = fadd double %s, %n01
  %u = fadd double %t, %n10
  %v = fadd double %u, %n11
  ret double %v
}

; Four floats make a vector of 128 bits; doubles made of them one of 256.
; CHECK-LABEL: @f1(
; CHECK: phi <4 x double>
; CHECK: [[F:%.*]] = load <4 x float>, ptr %p, align 1
; CHECK: fpext <4 x float> [[F]] to <4 x double>
; CHECK: extractelement <4 x double> {{.*}}, i32 3
define double @f1(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %a = phi double [ 0.0, %entry ], [ %a1, %loop ]
  %b = phi double [ 0.0, %entry ], [ %b1, %loop ]
  %c = phi double [ 0.0, %entry ], [ %c1, %loop ]
  %d = phi double [ 0.0, %entry ], [ %d1, %loop ]
  %p = getelementptr i8, ptr %ctx, i64 %i
  %p4 = getelementptr i8, ptr %p, i64 4
  %p8 = getelementptr i8, ptr %p, i64 8
  %p12 = getelementptr i8, ptr %p, i64 12
  %la = load float, ptr %p, align 1
  %lb = load float, ptr %p4, align 1
  %lc = load float, ptr %p8, align 1
  %ld = load float, ptr %p12, align 1
  %ea = fpext float %la to double
  %eb = fpext float %lb to double
  %ec = fpext float %lc to double
  %ed = fpext float %ld to double
  %a1 = fadd double %a, %ea
  %b1 = fadd double %b, %eb
  %c1 = fadd double %c, %ec
  %d1 = fadd double %d, %ed
  %i1 = add i64 %i, 16
  %more = icmp ne i64 %i1, %n
  br i1 %more, label %loop, label %exit
exit:
  %s = fsub double %a1, %b1
  %t = fsub double %c1, %d1
  %u = fsub double %s, %t
  ret double %u
}
