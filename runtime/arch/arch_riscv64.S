// RISC-V with 64 bits and double floats (lp64d), psABI. See arch.h.

	.text

// bool wa_arch_enter(activation, entry, code, context, cells, stack)
	.globl	wa_arch_enter
	.hidden	wa_arch_enter
	.type	wa_arch_enter, @function
	.balign	4
wa_arch_enter:
	.cfi_startproc
	addi	sp, sp, -208
	.cfi_adjust_cfa_offset 208
	sd	ra, 0(sp)
	.cfi_rel_offset ra, 0
	sd	s0, 8(sp)
	.cfi_rel_offset s0, 8
	sd	s1, 16(sp)
	.cfi_rel_offset s1, 16
	sd	s2, 24(sp)
	.cfi_rel_offset s2, 24
	sd	s3, 32(sp)
	.cfi_rel_offset s3, 32
	sd	s4, 40(sp)
	.cfi_rel_offset s4, 40
	sd	s5, 48(sp)
	.cfi_rel_offset s5, 48
	sd	s6, 56(sp)
	.cfi_rel_offset s6, 56
	sd	s7, 64(sp)
	.cfi_rel_offset s7, 64
	sd	s8, 72(sp)
	.cfi_rel_offset s8, 72
	sd	s9, 80(sp)
	.cfi_rel_offset s9, 80
	sd	s10, 88(sp)
	.cfi_rel_offset s10, 88
	sd	s11, 96(sp)
	.cfi_rel_offset s11, 96
	fsd	fs0, 104(sp)
	fsd	fs1, 112(sp)
	fsd	fs2, 120(sp)
	fsd	fs3, 128(sp)
	fsd	fs4, 136(sp)
	fsd	fs5, 144(sp)
	fsd	fs6, 152(sp)
	fsd	fs7, 160(sp)
	fsd	fs8, 168(sp)
	fsd	fs9, 176(sp)
	fsd	fs10, 184(sp)
	fsd	fs11, 192(sp)
	mv	s1, a0
	sd	sp, 0(s1)			// activation->host_stack
	// From here the stack pointer may be on another stack; s1, which compiled code preserves,
	// leads back: CFA = *(s1) + 208.
	.cfi_escape 0x0f, 0x06, 0x79, 0x00, 0x06, 0x23, 0xd0, 0x01
	beqz	a5, .Lcall
	mv	sp, a5
.Lcall:
	mv	t1, a1
	mv	a0, a2
	mv	a1, a3
	mv	a2, a4
	jalr	t1
	li	a0, 1
.Lrestore:
	ld	sp, 0(s1)
	.cfi_def_cfa sp, 208
	fld	fs0, 104(sp)
	fld	fs1, 112(sp)
	fld	fs2, 120(sp)
	fld	fs3, 128(sp)
	fld	fs4, 136(sp)
	fld	fs5, 144(sp)
	fld	fs6, 152(sp)
	fld	fs7, 160(sp)
	fld	fs8, 168(sp)
	fld	fs9, 176(sp)
	fld	fs10, 184(sp)
	fld	fs11, 192(sp)
	ld	ra, 0(sp)
	.cfi_restore ra
	ld	s0, 8(sp)
	.cfi_restore s0
	ld	s1, 16(sp)
	.cfi_restore s1
	ld	s2, 24(sp)
	.cfi_restore s2
	ld	s3, 32(sp)
	.cfi_restore s3
	ld	s4, 40(sp)
	.cfi_restore s4
	ld	s5, 48(sp)
	.cfi_restore s5
	ld	s6, 56(sp)
	.cfi_restore s6
	ld	s7, 64(sp)
	.cfi_restore s7
	ld	s8, 72(sp)
	.cfi_restore s8
	ld	s9, 80(sp)
	.cfi_restore s9
	ld	s10, 88(sp)
	.cfi_restore s10
	ld	s11, 96(sp)
	.cfi_restore s11
	addi	sp, sp, 208
	.cfi_adjust_cfa_offset -208
	ret
	.cfi_endproc
	.size	wa_arch_enter, .-wa_arch_enter

// Where the signal handler sends a thread that trapped, with the activation in s1.
	.globl	wa_arch_trap_exit
	.hidden	wa_arch_trap_exit
	.type	wa_arch_trap_exit, @function
wa_arch_trap_exit:
	li	a0, 0
	j	.Lrestore
	.size	wa_arch_trap_exit, .-wa_arch_trap_exit

// void wa_arch_throw(context, exception)
	.globl	wa_arch_throw
	.hidden	wa_arch_throw
	.type	wa_arch_throw, @function
	.balign	4
wa_arch_throw:
	.cfi_startproc
	addi	sp, sp, -224
	.cfi_adjust_cfa_offset 224
	sd	ra, 208(sp)			// wa_exception_land changes what it is given
	.cfi_rel_offset ra, 208
	addi	t0, sp, 224			// as after the return
	sd	ra, 0(sp)
	sd	t0, 8(sp)
	sd	s0, 16(sp)
	sd	s1, 24(sp)
	sd	s2, 32(sp)
	sd	s3, 40(sp)
	sd	s4, 48(sp)
	sd	s5, 56(sp)
	sd	s6, 64(sp)
	sd	s7, 72(sp)
	sd	s8, 80(sp)
	sd	s9, 88(sp)
	sd	s10, 96(sp)
	sd	s11, 104(sp)
	fsd	fs0, 112(sp)
	fsd	fs1, 120(sp)
	fsd	fs2, 128(sp)
	fsd	fs3, 136(sp)
	fsd	fs4, 144(sp)
	fsd	fs5, 152(sp)
	fsd	fs6, 160(sp)
	fsd	fs7, 168(sp)
	fsd	fs8, 176(sp)
	fsd	fs9, 184(sp)
	fsd	fs10, 192(sp)
	fsd	fs11, 200(sp)
	mv	a0, a1
	mv	a1, sp
	call	wa_exception_land
	beqz	a0, .Lnowhere
	ld	s0, 16(sp)
	ld	s1, 24(sp)
	ld	s2, 32(sp)
	ld	s3, 40(sp)
	ld	s4, 48(sp)
	ld	s5, 56(sp)
	ld	s6, 64(sp)
	ld	s7, 72(sp)
	ld	s8, 80(sp)
	ld	s9, 88(sp)
	ld	s10, 96(sp)
	ld	s11, 104(sp)
	fld	fs0, 112(sp)
	fld	fs1, 120(sp)
	fld	fs2, 128(sp)
	fld	fs3, 136(sp)
	fld	fs4, 144(sp)
	fld	fs5, 152(sp)
	fld	fs6, 160(sp)
	fld	fs7, 168(sp)
	fld	fs8, 176(sp)
	fld	fs9, 184(sp)
	fld	fs10, 192(sp)
	fld	fs11, 200(sp)
	li	a1, 1				// selector
	ld	t1, 0(sp)
	ld	sp, 8(sp)
	jr	t1
.Lnowhere:
	ld	ra, 208(sp)
	.cfi_restore ra
	addi	sp, sp, 224
	.cfi_adjust_cfa_offset -224
	ret
	.cfi_endproc
	.size	wa_arch_throw, .-wa_arch_throw

// The binding is the context, in a0; its second word is the exit trampoline.
	.globl	wa_arch_host_stub
	.hidden	wa_arch_host_stub
	.type	wa_arch_host_stub, @function
	.balign	4
wa_arch_host_stub:
	ld	t1, 8(a0)
	jr	t1
	.size	wa_arch_host_stub, .-wa_arch_host_stub

// The slot is in t3. Arguments are in a0 to a7 and fa0 to fa7; what else there is callees preserve,
// or may use as they like.
	.section .text.wa_arch_lazy, "ax", @progbits
	.globl	wa_arch_lazy
	.hidden	wa_arch_lazy
	.type	wa_arch_lazy, @function
	.balign	4
wa_arch_lazy:
	.cfi_startproc
	addi	sp, sp, -144
	.cfi_adjust_cfa_offset 144
	sd	ra, 0(sp)
	sd	a0, 8(sp)
	sd	a1, 16(sp)
	sd	a2, 24(sp)
	sd	a3, 32(sp)
	sd	a4, 40(sp)
	sd	a5, 48(sp)
	sd	a6, 56(sp)
	sd	a7, 64(sp)
	fsd	fa0, 72(sp)
	fsd	fa1, 80(sp)
	fsd	fa2, 88(sp)
	fsd	fa3, 96(sp)
	fsd	fa4, 104(sp)
	fsd	fa5, 112(sp)
	fsd	fa6, 120(sp)
	fsd	fa7, 128(sp)
	.cfi_rel_offset ra, 0
	mv	a0, t3
	call	wa_lazy_enter
	mv	t3, a0
	ld	ra, 0(sp)
	ld	a0, 8(sp)
	ld	a1, 16(sp)
	ld	a2, 24(sp)
	ld	a3, 32(sp)
	ld	a4, 40(sp)
	ld	a5, 48(sp)
	ld	a6, 56(sp)
	ld	a7, 64(sp)
	fld	fa0, 72(sp)
	fld	fa1, 80(sp)
	fld	fa2, 88(sp)
	fld	fa3, 96(sp)
	fld	fa4, 104(sp)
	fld	fa5, 112(sp)
	fld	fa6, 120(sp)
	fld	fa7, 128(sp)
	.cfi_restore ra
	addi	sp, sp, 144
	.cfi_adjust_cfa_offset -144
	jr	t3
	.cfi_endproc
	.size	wa_arch_lazy, .-wa_arch_lazy

	.section	.note.GNU-stack, "", @progbits
