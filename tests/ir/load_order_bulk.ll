; A short copy or fill becomes stores in the code generator: they keep their places, and loads stay behind.
; passes: stores load-order
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: call void @llvm.memset.p0.i64(ptr align 1 %a, i8 7, i64 16, i1 true)
; CHECK-NEXT: call void asm sideeffect ""
; CHECK-NEXT: load i64, ptr %b
define i64 @f0(ptr swiftself %ctx, i32 %p) {
  %z = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %a, i64 200
  call void @llvm.memset.p0.i64(ptr align 1 %a, i8 7, i64 16, i1 false)
  %x = load i64, ptr %b, align 1
  ret i64 %x
}

; CHECK-LABEL: @f1(
; CHECK: call void @llvm.memmove.p0.p0.i64(ptr align 1 %a, ptr align 1 %ctx, i64 12, i1 true)
; CHECK-NEXT: call void asm sideeffect ""
; CHECK-NEXT: load i64, ptr %b
define i64 @f1(ptr swiftself %ctx, i32 %p) {
  %z = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %a, i64 200
  call void @llvm.memmove.p0.p0.i64(ptr align 1 %a, ptr align 1 %ctx, i64 12, i1 false)
  %x = load i64, ptr %b, align 1
  ret i64 %x
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
