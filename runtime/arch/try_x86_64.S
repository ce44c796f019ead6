// x86-64, System V psABI. See arch.h. By itself: programs without host functions of another language need no personality.

	.text

// void *wa_arch_try(fn, arg, turn)
	.globl	wa_arch_try
	.hidden	wa_arch_try
	.type	wa_arch_try, @function
	.balign	16
wa_arch_try:
	.cfi_startproc
	.cfi_personality 0x1b, wa_thrown_personality	// relative, 4 bytes
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	movq	%rsp, %rbx
	.cfi_def_cfa_register %rbx
	testq	%rdx, %rdx
	je	.Lstay
	movq	%rsp, 8(%rdx)			// turn->left
	movq	(%rdx), %rsp			// turn->stack
.Lstay:
	movq	%rdi, %rax
	movq	%rsi, %rdi
	callq	*%rax
	xorl	%eax, %eax
	// Where the personality has the unwinder go, with the exception in rax.
	.globl	wa_arch_caught
	.hidden	wa_arch_caught
wa_arch_caught:
	movq	%rbx, %rsp
	.cfi_def_cfa_register %rsp
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	retq
	.cfi_endproc
	.size	wa_arch_try, .-wa_arch_try

	.section	.note.GNU-stack, "", @progbits
