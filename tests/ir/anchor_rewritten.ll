; Accesses a known distance above one that did not trap: the distance becomes part of the address.
; Memory 0 never reaches the last page below 4 GiB, so 8 more than a valid address does not wrap.
; passes: anchor
; memory: 1 none

; CHECK-LABEL: @f0(
; CHECK: load i32, ptr %a
; CHECK: [[B:%.*]] = getelementptr {{.*}}i8, ptr %a, i64 8
; CHECK: load i32, ptr [[B]]
define i32 @f0(ptr swiftself %ctx, i32 %p) {
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  %x = load i32, ptr %a, align 1
  %q = add i32 %p, 8
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}

; The immediate offset of the later access is added to the distance; a store may be either of both.
; CHECK-LABEL: @f1(
; CHECK: store i32 1, ptr %a
; CHECK: [[B:%.*]] = getelementptr {{.*}}i8, ptr %a, i64 112
; CHECK: store i32 2, ptr [[B]]
define void @f1(ptr swiftself %ctx, i32 %p) {
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  store i32 1, ptr %a, align 1
  %q = add i32 12, %p
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %c = getelementptr i8, ptr %b, i64 100
  store i32 2, ptr %c, align 1
  ret void
}

; As far as the slack of a page reaches, and no byte further (see f2 of anchor_not.ll).
; CHECK-LABEL: @f2(
; CHECK: getelementptr {{.*}}i8, ptr %a, i64 65536
define i32 @f2(ptr swiftself %ctx, i32 %p) {
  %p64 = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %p64
  %x = load i32, ptr %a, align 1
  %q = add i32 %p, 65536
  %q64 = zext i32 %q to i64
  %b = getelementptr i8, ptr %ctx, i64 %q64
  %y = load i32, ptr %b, align 1
  %sum = add i32 %x, %y
  ret i32 %sum
}
