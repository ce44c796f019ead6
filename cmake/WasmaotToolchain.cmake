# LLVM of version 16 or later: the newest installed, unless LLVM_DIR says which.
if(WASMAOT_COMPILER AND NOT LLVM_DIR)
  file(GLOB candidates "/usr/lib/llvm-*/lib/cmake/llvm" "/usr/lib/llvm-*/cmake"
    "/usr/local/lib/cmake/llvm" "/usr/lib/cmake/llvm" "/usr/lib64/cmake/llvm")
  set(newest 0)
  foreach(candidate IN LISTS candidates)
    if(EXISTS "${candidate}/LLVMConfigVersion.cmake")
      file(STRINGS "${candidate}/LLVMConfigVersion.cmake" line REGEX "PACKAGE_VERSION \"[0-9.]+")
      string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${line}")
      if(version VERSION_GREATER newest)
        set(newest "${version}")
        set(LLVM_DIR "${candidate}" CACHE PATH "Directory of LLVMConfig.cmake" FORCE)
      endif()
    endif()
  endforeach()
endif()

if(WASMAOT_COMPILER)
  # LLVM's package looks for the libraries it was linked with, some of them C++.
  enable_language(CXX)
  find_package(LLVM REQUIRED CONFIG)
  if(LLVM_PACKAGE_VERSION VERSION_LESS 16)
    message(FATAL_ERROR "wasmaot needs LLVM 16 or later; found ${LLVM_PACKAGE_VERSION} in "
      "${LLVM_DIR}. Install llvm-dev of a newer version or set -DLLVM_DIR.")
  endif()
  message(STATUS "LLVM ${LLVM_PACKAGE_VERSION}: ${LLVM_DIR}")
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(LIBMD REQUIRED IMPORTED_TARGET libmd)
endif()

# The clang and lld of the same LLVM build the guests of the tests.
find_program(WASMAOT_CLANG NAMES clang-${LLVM_VERSION_MAJOR} clang HINTS ${LLVM_TOOLS_BINARY_DIR})
find_program(WASMAOT_WASM_LD NAMES wasm-ld-${LLVM_VERSION_MAJOR} wasm-ld HINTS ${LLVM_TOOLS_BINARY_DIR})
find_program(WASMAOT_LLD NAMES ld.lld-${LLVM_VERSION_MAJOR} ld.lld HINTS ${LLVM_TOOLS_BINARY_DIR})
