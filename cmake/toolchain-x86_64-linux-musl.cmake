# Building the runtime for musl with Debian's musl-tools, linked statically:
#   cmake -S . -B build/musl --toolchain cmake/toolchain-x86_64-linux-musl.cmake -DWASMAOT_COMPILER=OFF
# tests/cross/musl.sh runs guests on it. musl-gcc looks at no directory but musl's own, which has no headers of the kernel.
# Another system for CMake, so that nothing of this one's is linked, Check for one.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_ASM_COMPILER musl-gcc)
execute_process(COMMAND gcc -print-multiarch OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE)
set(kernel_headers "${CMAKE_BINARY_DIR}/kernel-headers")
file(MAKE_DIRECTORY "${kernel_headers}")
foreach(name linux asm-generic)
  file(CREATE_LINK "/usr/include/${name}" "${kernel_headers}/${name}" SYMBOLIC)
endforeach()
file(CREATE_LINK "/usr/include/${multiarch}/asm" "${kernel_headers}/asm" SYMBOLIC)
set(CMAKE_C_FLAGS_INIT "-idirafter \"${kernel_headers}\"")
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# musl-gcc names the other C library's files when it is asked for them.
set(WASMAOT_LIBC_DIR /usr/lib/x86_64-linux-musl)
