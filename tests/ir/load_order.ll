; A load that the code generator knows to be apart from a store before it would be done first. An empty
; assembly keeps it behind when it may trap although the store did not.
; passes: stores load-order
; memory: 1 none

; The load ends further from the same place; the one behind it no further.
; CHECK-LABEL: @f0(
; CHECK: store volatile i32 1, ptr %a
; CHECK-NEXT: call void asm sideeffect ""
; CHECK-NEXT: load i32, ptr %b
; CHECK-NEXT: load i32, ptr %c
define i32 @f0(ptr swiftself %ctx, i32 %p) {
  %z = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %a, i64 8
  %c = getelementptr i8, ptr %a, i64 4
  store i32 1, ptr %a, align 1
  %x = load i32, ptr %b, align 1
  %y = load i32, ptr %c, align 1
  %s = add i32 %x, %y
  ret i32 %s
}

; What was accessed before, or by the store, reaches as far: there is no trap left.
; CHECK-LABEL: @f1(
; CHECK-NOT: asm
; CHECK: ret i32
define i32 @f1(ptr swiftself %ctx, i32 %p, i64 %v) {
  %z = zext i32 %p to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %a, i64 8
  %c = getelementptr i8, ptr %a, i64 4
  %w = load i32, ptr %b, align 1
  store i32 1, ptr %a, align 1
  %x = load i32, ptr %b, align 1
  store i64 %v, ptr %b, align 1
  %y = load i32, ptr %c, align 1
  %s = add i32 %x, %y
  %t = add i32 %s, %w
  ret i32 %t
}

; Another place: the code generator may know more of the two than is seen here, such as that sums of
; different spelling are equal.
; CHECK-LABEL: @f2(
; CHECK: store volatile i32 1, ptr %a
; CHECK-NEXT: call void asm sideeffect ""
; CHECK-NEXT: load i32, ptr %b
define i32 @f2(ptr swiftself %ctx, i32 %p, i32 %q) {
  %z = zext i32 %p to i64
  %y = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %ctx, i64 %y
  store i32 1, ptr %a, align 1
  %x = load i32, ptr %b, align 1
  ret i32 %x
}

; An index that does not wrap is the same place.
; CHECK-LABEL: @f3(
; CHECK: asm sideeffect
; CHECK: ret i32
define i32 @f3(ptr swiftself %ctx, i32 %p) {
  %q = add nuw i32 %p, 16
  %z = zext i32 %p to i64
  %y = zext i32 %q to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %b = getelementptr i8, ptr %ctx, i64 %y
  store i32 1, ptr %a, align 1
  %x = load i32, ptr %b, align 1
  ret i32 %x
}
