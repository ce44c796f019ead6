# What the toolchain files share; wa_cross names the processor. Tests run under qemu's user mode when
# it is installed.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${wa_cross})
set(CMAKE_C_COMPILER ${wa_cross}-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH /usr/${wa_cross}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
find_program(WASMAOT_QEMU NAMES qemu-${wa_cross}-static qemu-${wa_cross})
if(WASMAOT_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${WASMAOT_QEMU};-L;/usr/${wa_cross}-linux-gnu")
endif()
