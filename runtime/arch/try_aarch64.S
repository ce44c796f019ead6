// AArch64, AAPCS64. See arch.h. By itself: programs without host functions of another language need no personality.

	.text

// void *wa_arch_try(fn, arg, turn)
	.globl	wa_arch_try
	.hidden	wa_arch_try
	.type	wa_arch_try, %function
	.balign	16
wa_arch_try:
	.cfi_startproc
	.cfi_personality 0x1b, wa_thrown_personality	// relative, 4 bytes
	stp	x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	mov	x29, sp
	.cfi_def_cfa_register x29
	cbz	x2, .Lstay
	mov	x3, sp
	str	x3, [x2, #8]			// turn->left
	ldr	x3, [x2]			// turn->stack
	mov	sp, x3
.Lstay:
	mov	x2, x0
	mov	x0, x1
	blr	x2
	mov	x0, #0
	// Where the personality has the unwinder go, with the exception in x0.
	.globl	wa_arch_caught
	.hidden	wa_arch_caught
wa_arch_caught:
	mov	sp, x29
	.cfi_def_cfa_register sp
	ldp	x29, x30, [sp], #16
	.cfi_adjust_cfa_offset -16
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size	wa_arch_try, .-wa_arch_try

	.section	.note.GNU-stack, "", %progbits
