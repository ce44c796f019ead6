; What nothing is fetched for.
; passes: prefetch
; memory: 1 none
; target: x86_64-linux-gnu haswell
; CHECK-NOT: @llvm.prefetch

; One loop: what is stored may be needed at once.
define i32 @f0(ptr swiftself %ctx, i32 %b, i32 %from, i32 %base) {
entry:
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %i1, %loop ]
  %fi = add i32 %from, %i
  %fz = zext i32 %fi to i64
  %fa = getelementptr i8, ptr %ctx, i64 %fz
  %v = load i32, ptr %fa, align 1
  %bs = shl i32 %i, 2
  %bi = add i32 %bs, %b
  %bz = zext i32 %bi to i64
  %ba = getelementptr i8, ptr %ctx, i64 %bz
  store volatile i32 %v, ptr %ba, align 1
  %us = shl i32 %v, 2
  %ui = add i32 %us, %b
  %uz = zext i32 %ui to i64
  %ua = getelementptr i8, ptr %ctx, i64 %uz
  %u = load i32, ptr %ua, align 1
  %t = add i32 %u, %base
  %tz = zext i32 %t to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %x = load i32, ptr %ta, align 1
  %i1 = add i32 %i, 1
  %c = icmp eq i32 %i1, %x
  br i1 %c, label %exit, label %loop
exit:
  ret i32 %x
}

; A hash table: what takes the place of an old position is where the guest is already; and a stack,
; whose index is not masked.
define i32 @f1(ptr swiftself %ctx, i32 %p, i32 %hash, i32 %position) {
  %h4 = shl i32 %hash, 2
  %i = add i32 %h4, %p
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %u = load i32, ptr %a, align 1
  store volatile i32 %position, ptr %a, align 1
  %tz = zext i32 %u to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %x = load i32, ptr %ta, align 1
  store volatile i32 %x, ptr %a, align 1
  ret i32 %x
}

; Another array: its start is another value.
define i32 @f2(ptr swiftself %ctx, i32 %p, i32 %q, i32 %round) {
  %r4 = shl i32 %round, 2
  %m = and i32 %r4, 28
  %i = add i32 %m, %p
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %u = load i32, ptr %a, align 1
  %uz = zext i32 %u to i64
  %ua = getelementptr i8, ptr %ctx, i64 %uz
  %x = load i32, ptr %ua, align 1
  %k = add i32 %m, %q
  %kz = zext i32 %k to i64
  %ka = getelementptr i8, ptr %ctx, i64 %kz
  store volatile i32 %x, ptr %ka, align 1
  ret i32 %x
}

; Where the array begins is not known when the value is put in: the value alone says nothing.
define i32 @f3(ptr swiftself %ctx, i32 %p, i32 %round) {
  %r4 = shl i32 %round, 2
  %m = and i32 %r4, 28
  %i = add i32 %m, %p
  %z = zext i32 %i to i64
  %a = getelementptr i8, ptr %ctx, i64 %z
  %u = load i32, ptr %a, align 1
  %pz = zext i32 %round to i64
  %pa = getelementptr i8, ptr %ctx, i64 %pz
  %v = load i32, ptr %pa, align 1
  store volatile i32 %v, ptr %a, align 1
  %table = load i32, ptr %pa, align 1
  %t = add i32 %u, %table
  %tz = zext i32 %t to i64
  %ta = getelementptr i8, ptr %ctx, i64 %tz
  %x = load i32, ptr %ta, align 1
  ret i32 %x
}

; A memory of 64 bits.
define i32 @f4(ptr swiftself %ctx, i64 %p, i64 %round) {
  %r4 = shl i64 %round, 2
  %m = and i64 %r4, 28
  %i = add i64 %m, %p
  %a = getelementptr i8, ptr %ctx, i64 %i
  %u = load i32, ptr %a, align 1
  %pa = getelementptr i8, ptr %ctx, i64 %round
  %v = load i32, ptr %pa, align 1
  store volatile i32 %v, ptr %a, align 1
  %uz = zext i32 %u to i64
  %ua = getelementptr i8, ptr %ctx, i64 %uz
  %x = load i32, ptr %ua, align 1
  ret i32 %x
}
