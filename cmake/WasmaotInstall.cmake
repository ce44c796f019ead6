# What is installed besides the command: the libraries and what programs that use them need.
# Components: command, runtime (libwasmaot.so), compiler (libwasmaot-compiler.so, which needs LLVM),
# development (headers, static library, pkg-config and CMake packages, examples), cross (start files
# of other builds). Nothing that is installed knows where: the whole tree can be moved.
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
# Programs find a library below /usr by themselves.
set(pc_rpath "-Wl,-rpath,\${libdir} ")
if(CMAKE_INSTALL_PREFIX STREQUAL /usr)
  set(pc_rpath "")
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/wasmaot.pc.in" "${PROJECT_BINARY_DIR}/wasmaot.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/wasmaot.pc" COMPONENT development
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# What other architectures' programs are linked with.
set(WASMAOT_CROSS_START "" CACHE STRING "Directories start/TARGET of builds for other targets, to be installed, too")
if(WASMAOT_CROSS_START)
  install(DIRECTORY ${WASMAOT_CROSS_START} COMPONENT cross DESTINATION "${CMAKE_INSTALL_LIBDIR}/wasmaot"
    FILES_MATCHING PATTERN "*.o")
endif()

# Below directories that the dynamic linker searches, its cache has to know of the new library.
configure_file("${CMAKE_CURRENT_LIST_DIR}/ldconfig.cmake.in" "${PROJECT_BINARY_DIR}/ldconfig.cmake" @ONLY)
install(SCRIPT "${PROJECT_BINARY_DIR}/ldconfig.cmake" COMPONENT runtime)

# Who installs a part gets its licence, and with the start files, which are the compiler's even where
# the compiler is not built, those of what is linked into them. The folders are the Debian packages'.
set(documentation "${CMAKE_INSTALL_DATAROOTDIR}/doc")
set(parts command:wasmaot runtime:libwasmaot0 development:libwasmaot-dev compiler:wasmaot-compiler)
set(linked compiler:wasmaot-compiler)
if(WASMAOT_CROSS_START)
  list(APPEND parts cross:wasmaot-cross)
  list(APPEND linked cross:wasmaot-cross)
endif()
foreach(part IN LISTS parts)
  string(REGEX MATCH "^(.*):(.*)$" part "${part}")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" COMPONENT ${CMAKE_MATCH_1}
    DESTINATION "${documentation}/${CMAKE_MATCH_2}")
endforeach()
foreach(part IN LISTS linked)
  string(REGEX MATCH "^(.*):(.*)$" part "${part}")
  install(FILES "${PROJECT_SOURCE_DIR}/THIRD-PARTY-NOTICES" COMPONENT ${CMAKE_MATCH_1}
    DESTINATION "${documentation}/${CMAKE_MATCH_2}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/licenses" COMPONENT ${CMAKE_MATCH_1}
    DESTINATION "${documentation}/${CMAKE_MATCH_2}")
endforeach()

# What there is to read, with the links in it; programs to begin with are also where developers look.
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md" COMPONENT command
  DESTINATION "${documentation}/wasmaot")
set(tests_of_examples REGEX "docs/examples/(CMakeLists[.]txt|check[.]sh)$" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" COMPONENT command DESTINATION "${documentation}/wasmaot"
  ${tests_of_examples})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/examples" COMPONENT development
  DESTINATION "${documentation}/libwasmaot-dev" ${tests_of_examples})
