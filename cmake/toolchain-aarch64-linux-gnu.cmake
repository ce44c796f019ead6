# Cross-building for AArch64 Linux with Debian's gcc-aarch64-linux-gnu:
#   cmake -S . -B build/aarch64 --toolchain cmake/toolchain-aarch64-linux-gnu.cmake -DWASMAOT_COMPILER=OFF
set(wa_cross aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/cross-linux-gnu.cmake")
