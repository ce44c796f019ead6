// RISC-V with 64 bits and double floats (lp64d), psABI. See arch.h. By itself: programs without host functions of another language need no personality.

	.text

// void *wa_arch_try(fn, arg, turn)
	.globl	wa_arch_try
	.hidden	wa_arch_try
	.type	wa_arch_try, @function
	.balign	4
wa_arch_try:
	.cfi_startproc
	.cfi_personality 0x1b, wa_thrown_personality	// relative, 4 bytes
	addi	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	ra, 8(sp)
	.cfi_rel_offset ra, 8
	sd	s0, 0(sp)
	.cfi_rel_offset s0, 0
	mv	s0, sp
	.cfi_def_cfa_register s0
	beqz	a2, .Lstay
	sd	sp, 8(a2)			// turn->left
	ld	sp, 0(a2)			// turn->stack
.Lstay:
	mv	t1, a0
	mv	a0, a1
	jalr	t1
	li	a0, 0
	// Where the personality has the unwinder go, with the exception in a0.
	.globl	wa_arch_caught
	.hidden	wa_arch_caught
wa_arch_caught:
	mv	sp, s0
	.cfi_def_cfa_register sp
	ld	ra, 8(sp)
	.cfi_restore ra
	ld	s0, 0(sp)
	.cfi_restore s0
	addi	sp, sp, 16
	.cfi_adjust_cfa_offset -16
	ret
	.cfi_endproc
	.size	wa_arch_try, .-wa_arch_try

	.section	.note.GNU-stack, "", @progbits
