# What is installed besides the command: the libraries and what programs that use them need.
# Components: command, runtime (libwasmaot.so), compiler (libwasmaot-compiler.so, which needs LLVM),
# development (headers, static library, pkg-config and CMake packages). Nothing that is installed
# knows where: the whole tree can be moved.
include(CMakePackageConfigHelpers)

install(TARGETS wasmaot EXPORT wasmaot
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS wasmaot_static EXPORT wasmaot ARCHIVE COMPONENT development)
set_target_properties(wasmaot_static PROPERTIES EXPORT_NAME static)
if(TARGET wasmaot-compiler)
  install(TARGETS wasmaot-compiler LIBRARY COMPONENT compiler)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/include/wasm.h" "${PROJECT_SOURCE_DIR}/include/wasmaot.h"
  COMPONENT development DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

set(cmake_package "${CMAKE_INSTALL_LIBDIR}/cmake/wasmaot")
install(EXPORT wasmaot NAMESPACE wasmaot:: FILE wasmaotTargets.cmake COMPONENT development
  DESTINATION "${cmake_package}")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/wasmaotConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/wasmaotConfig.cmake" INSTALL_DESTINATION "${cmake_package}"
  PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wasmaotConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/wasmaotConfig.cmake"
  "${PROJECT_BINARY_DIR}/wasmaotConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/WasmaotModules.cmake"
  COMPONENT development DESTINATION "${cmake_package}")

# From the directory of wasmaot.pc up to the prefix.
file(RELATIVE_PATH pc_to_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file("${CMAKE_CURRENT_LIST_DIR}/wasmaot.pc.in" "${PROJECT_BINARY_DIR}/wasmaot.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/wasmaot.pc" COMPONENT development
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# Who installs a part gets its licence, and with the start files, which are the compiler's even where
# the compiler is not built, those of what is linked into them. The folders are the Debian packages'.
set(documentation "${CMAKE_INSTALL_DATAROOTDIR}/doc")
foreach(part command:wasmaot runtime:libwasmaot0 development:libwasmaot-dev compiler:wasmaot-compiler)
  string(REGEX MATCH "^(.*):(.*)$" part "${part}")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" COMPONENT ${CMAKE_MATCH_1}
    DESTINATION "${documentation}/${CMAKE_MATCH_2}")
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/THIRD-PARTY-NOTICES" COMPONENT compiler
  DESTINATION "${documentation}/wasmaot-compiler")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/licenses" COMPONENT compiler
  DESTINATION "${documentation}/wasmaot-compiler")
