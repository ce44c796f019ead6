# Cross-building for RISC-V Linux with Debian's gcc-riscv64-linux-gnu:
#   cmake -S . -B build/riscv64 --toolchain cmake/toolchain-riscv64-linux-gnu.cmake -DWASMAOT_COMPILER=OFF
set(wa_cross riscv64)
include("${CMAKE_CURRENT_LIST_DIR}/cross-linux-gnu.cmake")
