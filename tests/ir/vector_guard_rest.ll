; What LLVM's own vectoriser makes today: a loop of vectors, and one of shorter vectors for the rest of
; its iterations. The guard is in front of both. Were blocks called otherwise in a later LLVM, this test
; would fail.
; passes: vectorize vector-guard
; memory: 1 none
; target: x86_64-linux-gnu haswell

; CHECK-LABEL: @f0(
; CHECK: icmp ugt ptr {{.*}}
; CHECK: select i1 {{.*}}
; CHECK: vector.body:
; CHECK: vec.epilog.vector.body:
define void @f0(ptr swiftself %ctx, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %a = getelementptr i8, ptr %ctx, i64 %i
  %x = load i8, ptr %a, align 1
  %y = add i8 %x, 1
  store i8 %y, ptr %a, align 1
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %exit
exit:
  ret void
}
