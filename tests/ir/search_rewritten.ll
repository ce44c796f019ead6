; A loop that goes to a byte of 0, and one that compares two places until a counter ends it: after
; eight turns each looks at sixteen bytes at once, where these lie in the memory.
; passes: loop-form search
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK-COUNT-8: load i8, ptr %{{.*}}, !dbg !
; CHECK: %[[SIZE:.*]] = load i64
; CHECK: %[[LIMIT:.*]] = call i64 @llvm.usub.sat.i64(i64 %[[SIZE]], i64 15)
; CHECK: %[[PLACE:.*]] = zext i32 %[[NOW:.*]] to i64
; CHECK: icmp ult i64 %[[PLACE]], %[[LIMIT]]
; CHECK: load <16 x i8>, ptr %{{.*}}, align 1
; CHECK: freeze <16 x i8>
; CHECK: icmp eq <16 x i8> %{{.*}}, zeroinitializer
; CHECK: bitcast <16 x i1> %{{.*}} to i16
; CHECK: add i32 %[[NOW]], 16
; CHECK: call i32 @llvm.cttz.i32(i32 %{{.*}}, i1 true)
; CHECK: loop:
; CHECK: %c = load i8
define i32 @f0(ptr swiftself %ctx, i32 %p) !dbg !5 {
entry:
  br label %loop
loop:
  %q = phi i32 [ %p, %entry ], [ %next, %loop ], !dbg !6
  %q64 = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %q64
  %c = load i8, ptr %a, align 1, !tbaa !0, !dbg !6
  %ends = icmp eq i8 %c, 0
  %next = add i32 %q, 1
  br i1 %ends, label %exit, label %loop, !dbg !6
exit:
  ret i32 %q
}

; A copy has the line of what it copies, here none.
; CHECK-LABEL: @f1(
; CHECK-COUNT-16: load i8, ptr %{{[0-9]+}}, align 1, !tbaa
; CHECK: usub.sat
; CHECK: and i1
; CHECK: load <16 x i8>
; CHECK: load <16 x i8>
; CHECK: xor <16 x i1> %{{.*}}, splat (i1 true)
; CHECK: icmp ult i64 %{{.*}}, 16
; CHECK: call i64 @llvm.umin.i64(
; CHECK: loop:
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %q, i32 %n) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i.next, %latch ]
  %x = add i32 %p, %i
  %x64 = zext i32 %x to i64
  %a = getelementptr i8, ptr %ctx, i64 %x64
  %c = load i8, ptr %a, align 1, !tbaa !0
  %y = add i32 %q, %i
  %y64 = zext i32 %y to i64
  %b = getelementptr i8, ptr %ctx, i64 %y64
  %b8 = getelementptr i8, ptr %b, i64 8
  %d = load i8, ptr %b8, align 1, !tbaa !0
  %same = icmp eq i8 %c, %d
  br i1 %same, label %latch, label %exit
latch:
  %i.next = add i32 %i, 1
  %goes = icmp ult i32 %i.next, %n
  br i1 %goes, label %loop, label %exit
exit:
  %r = phi i32 [ %i, %loop ], [ %i.next, %latch ]
  ret i32 %r
}

!0 = !{!1, !1, i64 0}
!1 = !{!"memory", !2, i64 0}
!2 = !{!"wasmaot"}
!3 = distinct !DICompileUnit(language: DW_LANG_C, file: !4, emissionKind: LineTablesOnly)
!4 = !DIFile(filename: "wasm", directory: "")
!5 = distinct !DISubprogram(name: "f0", file: !4, line: 1, unit: !3, type: !7, spFlags: DISPFlagDefinition)
!6 = !DILocation(line: 7, scope: !5)
!7 = !DISubroutineType(types: !8)
!8 = !{null}
!9 = !{i32 2, !"Debug Info Version", i32 3}
!llvm.dbg.cu = !{!3}
!llvm.module.flags = !{!9}
