// x86-64, System V psABI. See arch.h.

	.text

// bool wa_arch_enter(activation, entry, code, context, cells, stack)
	.globl	wa_arch_enter
	.hidden	wa_arch_enter
	.type	wa_arch_enter, @function
	.balign	16
wa_arch_enter:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 40
	.cfi_rel_offset %rbx, 32
	.cfi_rel_offset %r12, 24
	.cfi_rel_offset %r13, 16
	.cfi_rel_offset %r14, 8
	.cfi_rel_offset %r15, 0
	subq	$8, %rsp
	movq	%rdi, %rbx
	movq	%rsp, (%rbx)			// activation->host_stack
	// From here the stack pointer may be on another stack; rbx, which compiled code preserves,
	// leads back: CFA = *(rbx) + 64.
	.cfi_escape 0x0f, 0x05, 0x73, 0x00, 0x06, 0x23, 0x40
	testq	%r9, %r9
	cmovneq	%r9, %rsp
	movq	%rsi, %rax
	movq	%rdx, %rdi
	movq	%rcx, %rsi
	movq	%r8, %rdx
	callq	*%rax
	movl	$1, %eax
.Lrestore:
	movq	(%rbx), %rsp
	.cfi_def_cfa %rsp, 64
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	popq	%r14
	.cfi_adjust_cfa_offset -8
	popq	%r13
	.cfi_adjust_cfa_offset -8
	popq	%r12
	.cfi_adjust_cfa_offset -8
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	retq
	.cfi_endproc
	.size	wa_arch_enter, .-wa_arch_enter

// Where the signal handler sends a thread that trapped, with the activation in rbx.
	.globl	wa_arch_trap_exit
	.hidden	wa_arch_trap_exit
	.type	wa_arch_trap_exit, @function
wa_arch_trap_exit:
	xorl	%eax, %eax
	jmp	.Lrestore
	.size	wa_arch_trap_exit, .-wa_arch_trap_exit

// void wa_arch_throw(context, exception)
	.globl	wa_arch_throw
	.hidden	wa_arch_throw
	.type	wa_arch_throw, @function
	.balign	16
wa_arch_throw:
	.cfi_startproc
	subq	$72, %rsp
	.cfi_adjust_cfa_offset 72
	movq	%rbx, (%rsp)
	movq	%rbp, 8(%rsp)
	movq	%r12, 16(%rsp)
	movq	%r13, 24(%rsp)
	movq	%r14, 32(%rsp)
	movq	%r15, 40(%rsp)
	leaq	80(%rsp), %rax			// as after the return
	movq	%rax, 48(%rsp)
	movq	72(%rsp), %rax			// return address
	movq	%rax, 56(%rsp)
	movq	%rsi, %rdi
	movq	%rsp, %rsi
	callq	wa_exception_land
	testq	%rax, %rax
	je	.Lnowhere
	movq	(%rsp), %rbx
	movq	8(%rsp), %rbp
	movq	16(%rsp), %r12
	movq	24(%rsp), %r13
	movq	32(%rsp), %r14
	movq	40(%rsp), %r15
	movl	$1, %edx			// selector
	movq	56(%rsp), %rcx
	movq	48(%rsp), %rsp
	jmpq	*%rcx
.Lnowhere:
	addq	$72, %rsp
	.cfi_adjust_cfa_offset -72
	retq
	.cfi_endproc
	.size	wa_arch_throw, .-wa_arch_throw

// The binding is the context, in r13; its second word is the exit trampoline.
	.globl	wa_arch_host_stub
	.hidden	wa_arch_host_stub
	.type	wa_arch_host_stub, @function
	.balign	16
wa_arch_host_stub:
	movq	8(%r13), %r11
	jmpq	*%r11
	.size	wa_arch_host_stub, .-wa_arch_host_stub

// The slot is in r11. Arguments are in rax, rdi, rsi, rdx, rcx, r8, r9, r10 and xmm0 to xmm7; what
// else there is callees preserve, or may use as they like.
	.section .text.wa_arch_lazy, "ax", @progbits
	.globl	wa_arch_lazy
	.hidden	wa_arch_lazy
	.type	wa_arch_lazy, @function
	.balign	16
wa_arch_lazy:
	.cfi_startproc
	subq	$200, %rsp
	.cfi_adjust_cfa_offset 200
	movq	%rax, (%rsp)
	movq	%rdi, 8(%rsp)
	movq	%rsi, 16(%rsp)
	movq	%rdx, 24(%rsp)
	movq	%rcx, 32(%rsp)
	movq	%r8, 40(%rsp)
	movq	%r9, 48(%rsp)
	movq	%r10, 56(%rsp)
	movaps	%xmm0, 64(%rsp)
	movaps	%xmm1, 80(%rsp)
	movaps	%xmm2, 96(%rsp)
	movaps	%xmm3, 112(%rsp)
	movaps	%xmm4, 128(%rsp)
	movaps	%xmm5, 144(%rsp)
	movaps	%xmm6, 160(%rsp)
	movaps	%xmm7, 176(%rsp)
	movq	%r11, %rdi
	callq	wa_lazy_enter
	movq	%rax, %r11
	movq	(%rsp), %rax
	movq	8(%rsp), %rdi
	movq	16(%rsp), %rsi
	movq	24(%rsp), %rdx
	movq	32(%rsp), %rcx
	movq	40(%rsp), %r8
	movq	48(%rsp), %r9
	movq	56(%rsp), %r10
	movaps	64(%rsp), %xmm0
	movaps	80(%rsp), %xmm1
	movaps	96(%rsp), %xmm2
	movaps	112(%rsp), %xmm3
	movaps	128(%rsp), %xmm4
	movaps	144(%rsp), %xmm5
	movaps	160(%rsp), %xmm6
	movaps	176(%rsp), %xmm7
	addq	$200, %rsp
	.cfi_adjust_cfa_offset -200
	jmpq	*%r11
	.cfi_endproc
	.size	wa_arch_lazy, .-wa_arch_lazy

	.section	.note.GNU-stack, "", @progbits
