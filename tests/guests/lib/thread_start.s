# wasi_thread_start(tid, thread): a new instance's own stack pointer still has its first value, which
# is the main thread's stack; C code may run only after it is set.
	.globaltype	__stack_pointer, i32
	.functype	thread_main (i32, i32) -> ()

	.text
	.globl	wasi_thread_start
	.type	wasi_thread_start,@function
wasi_thread_start:
	.functype	wasi_thread_start (i32, i32) -> ()
	local.get	1
	i32.load	0
	global.set	__stack_pointer
	local.get	0
	local.get	1
	call	thread_main
	end_function
	.export_name	wasi_thread_start, wasi_thread_start
