; What is not a plain scalar store to an address that says where it points.
; passes: stores
; memory: 1 none

; An address inside of a cell is not the cell: the store is kept in order, which costs little. Vectors
; and atomics are stores as well; an atomic one keeps its order.
; CHECK-LABEL: @f0(
; CHECK: store volatile i32 1, ptr %inner
; CHECK: store volatile <4 x i32> %v, ptr %ctx, align 1
; CHECK: store atomic volatile i32 1, ptr %ctx seq_cst
define void @f0(ptr swiftself %ctx, <4 x i32> %v) {
  %cell = alloca [2 x i32]
  %inner = getelementptr i8, ptr %cell, i64 4
  store i32 1, ptr %inner
  store <4 x i32> %v, ptr %ctx, align 1
  store atomic i32 1, ptr %ctx seq_cst, align 4
  ret void
}

; A pointer that is a cell or the memory, as it comes.
; CHECK-LABEL: @f1(
; CHECK: store volatile i32 1, ptr %to
define void @f1(ptr swiftself %ctx, i32 %c) {
  %cell = alloca i32
  %is = icmp ne i32 %c, 0
  %to = select i1 %is, ptr %cell, ptr %ctx
  store i32 1, ptr %to, align 1
  ret void
}
