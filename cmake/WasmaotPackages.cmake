# Debian packages, by `cpack -G DEB`: wasmaot, wasmaot-compiler, wasmaot-cross, libwasmaot0,
# libwasmaot-dev. `make package` (package.sh) configures a build for it, as the paths inside depend on
# the prefix /usr.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR wasmaot)
set(CPACK_PACKAGE_CONTACT "wasmaot maintainers <maintainers@wasmaot.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL command runtime development)
if(TARGET wasmaot-compiler)
  list(APPEND CPACK_COMPONENTS_ALL compiler)
endif()
if(WASMAOT_CROSS_START)
  list(APPEND CPACK_COMPONENTS_ALL cross)
endif()

# Each package's own description has its summary.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(debian "${CMAKE_CURRENT_LIST_DIR}/debian")
set(CPACK_PRE_BUILD_SCRIPTS "${debian}/finish.cmake")
file(STRINGS "${debian}/changelog" latest LIMIT_COUNT 1)
if(NOT latest MATCHES "\\(${PROJECT_VERSION}\\)")
  message(FATAL_ERROR "${debian}/changelog does not begin with version ${PROJECT_VERSION}")
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(exactly "(= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME wasmaot)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS "wasmaot-compiler ${exactly}")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "WebAssembly ahead-of-time compiler and runtime
The command wasmaot: runs what was compiled, with WASI and threads, and needs
no LLVM for that. With wasmaot-compiler it compiles modules, too.")

set(CPACK_DEBIAN_COMPILER_PACKAGE_NAME wasmaot-compiler)
set(CPACK_DEBIAN_COMPILER_PACKAGE_SECTION devel)
# --emit=exe and shared link with it; objects need none.
set(CPACK_DEBIAN_COMPILER_PACKAGE_RECOMMENDS "lld-${LLVM_VERSION_MAJOR} | lld")
set(CPACK_DEBIAN_COMPILER_PACKAGE_CONTROL_EXTRA "${debian}/triggers")
set(CPACK_DEBIAN_COMPILER_PACKAGE_ENHANCES "wasmaot, libwasmaot0")
set(CPACK_COMPONENT_COMPILER_DESCRIPTION "WebAssembly ahead-of-time compiler: the LLVM part
What wasmaot and libwasmaot open when they have to compile a module.")

# A shared library is linked with the C library of its target.
set(CPACK_DEBIAN_CROSS_PACKAGE_NAME wasmaot-cross)
set(CPACK_DEBIAN_CROSS_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_CROSS_PACKAGE_DEPENDS "wasmaot-compiler ${exactly}")
set(CPACK_DEBIAN_CROSS_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_CROSS_PACKAGE_SUGGESTS "libc6-arm64-cross, libc6-riscv64-cross")
set(CPACK_COMPONENT_CROSS_DESCRIPTION "WebAssembly ahead-of-time compiler: programs for other architectures
What programs and shared libraries for other architectures are linked with
(--emit=exe, --emit=shared with --target); objects need none of it.")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libwasmaot0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${debian}/triggers")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "wasmaot-compiler ${exactly}")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "WebAssembly runtime for programs: shared library
The standard C API of WebAssembly and what it lacks, over a native loader, WASI
and threads.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libwasmaot-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libwasmaot0 ${exactly}, libc6-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "WebAssembly runtime for programs: development files
Headers, static library, pkg-config and CMake packages of libwasmaot.")

# Programs linked with the library depend on its package.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
