// AArch64, AAPCS64. See arch.h.

	.text

// bool wa_arch_enter(activation, entry, code, context, cells, stack)
	.globl	wa_arch_enter
	.hidden	wa_arch_enter
	.type	wa_arch_enter, %function
	.balign	16
wa_arch_enter:
	.cfi_startproc
	stp	x29, x30, [sp, #-160]!
	.cfi_adjust_cfa_offset 160
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	stp	x19, x20, [sp, #16]
	.cfi_rel_offset x19, 16
	.cfi_rel_offset x20, 24
	stp	x21, x22, [sp, #32]
	.cfi_rel_offset x21, 32
	.cfi_rel_offset x22, 40
	stp	x23, x24, [sp, #48]
	.cfi_rel_offset x23, 48
	.cfi_rel_offset x24, 56
	stp	x25, x26, [sp, #64]
	.cfi_rel_offset x25, 64
	.cfi_rel_offset x26, 72
	stp	x27, x28, [sp, #80]
	.cfi_rel_offset x27, 80
	.cfi_rel_offset x28, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x29, sp
	mov	x19, x0
	mov	x6, sp
	str	x6, [x19]			// activation->host_stack
	// From here the stack pointer may be on another stack; x19, which compiled code preserves,
	// leads back: CFA = *(x19) + 160.
	.cfi_escape 0x0f, 0x06, 0x83, 0x00, 0x06, 0x23, 0xa0, 0x01
	cbz	x5, .Lcall
	mov	sp, x5
.Lcall:
	mov	x6, x1
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	blr	x6
	mov	w0, #1
.Lrestore:
	ldr	x6, [x19]
	mov	sp, x6
	.cfi_def_cfa sp, 160
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #160
	.cfi_adjust_cfa_offset -160
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	wa_arch_enter, .-wa_arch_enter

// Where the signal handler sends a thread that trapped, with the activation in x19.
	.globl	wa_arch_trap_exit
	.hidden	wa_arch_trap_exit
	.type	wa_arch_trap_exit, %function
wa_arch_trap_exit:
	mov	w0, #0
	b	.Lrestore
	.size	wa_arch_trap_exit, .-wa_arch_trap_exit

// void wa_arch_throw(context, exception)
	.globl	wa_arch_throw
	.hidden	wa_arch_throw
	.type	wa_arch_throw, %function
	.balign	16
wa_arch_throw:
	.cfi_startproc
	stp	x29, x30, [sp, #-192]!
	.cfi_adjust_cfa_offset 192
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x29, x30, [sp, #96]
	add	x9, sp, #192			// as after the return
	str	x9, [sp, #112]
	stp	d8, d9, [sp, #120]
	stp	d10, d11, [sp, #136]
	stp	d12, d13, [sp, #152]
	stp	d14, d15, [sp, #168]
	mov	x29, sp
	mov	x0, x1
	add	x1, sp, #16
	bl	wa_exception_land
	cbz	x0, .Lnowhere
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x16, [sp, #96]
	ldr	x9, [sp, #112]
	ldp	d8, d9, [sp, #120]
	ldp	d10, d11, [sp, #136]
	ldp	d12, d13, [sp, #152]
	ldp	d14, d15, [sp, #168]
	mov	x1, #1				// selector
	mov	sp, x9
	br	x16
.Lnowhere:
	ldp	x29, x30, [sp], #192
	.cfi_adjust_cfa_offset -192
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	wa_arch_throw, .-wa_arch_throw

// The binding is the context, in x20; its second word is the exit trampoline.
	.globl	wa_arch_host_stub
	.hidden	wa_arch_host_stub
	.type	wa_arch_host_stub, %function
	.balign	16
wa_arch_host_stub:
	ldr	x16, [x20, #8]
	br	x16
	.size	wa_arch_host_stub, .-wa_arch_host_stub

// The slot is in x16. Arguments are in x0 to x8 and v0 to v7; what else there is callees preserve,
// or may use as they like.
	.section .text.wa_arch_lazy, "ax", %progbits
	.globl	wa_arch_lazy
	.hidden	wa_arch_lazy
	.type	wa_arch_lazy, %function
	.balign	16
wa_arch_lazy:
	.cfi_startproc
	stp	x29, x30, [sp, #-224]!
	.cfi_adjust_cfa_offset 224
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	str	x8, [sp, #80]
	stp	q0, q1, [sp, #96]
	stp	q2, q3, [sp, #128]
	stp	q4, q5, [sp, #160]
	stp	q6, q7, [sp, #192]
	mov	x0, x16
	bl	wa_lazy_enter
	mov	x16, x0
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldp	x6, x7, [sp, #64]
	ldr	x8, [sp, #80]
	ldp	q0, q1, [sp, #96]
	ldp	q2, q3, [sp, #128]
	ldp	q4, q5, [sp, #160]
	ldp	q6, q7, [sp, #192]
	ldp	x29, x30, [sp], #224
	.cfi_adjust_cfa_offset -224
	.cfi_restore x29
	.cfi_restore x30
	br	x16
	.cfi_endproc
	.size	wa_arch_lazy, .-wa_arch_lazy

	.section	.note.GNU-stack, "", %progbits
