# WebAssembly modules in a project's build and tests, for find_package(wasmaot).
#
#   wasmaot_compile(<target> MODULE <file.wasm> [OUTPUT <file>] [EMIT obj|exe|shared|ir|bc|asm]
#                   [HEADER <file.h>] [OPTIONS <option>...] [DEPENDS <target or file>...])
#     Compiles the module as part of the build, whenever it, the command or a file of DEPENDS has changed.
#     MODULE may be made by the build; relative names are looked for in the source directory, then meant in the
#     binary directory. OUTPUT is <target> with .o, .so, ... in the binary directory unless it is given, and is
#     the target's property WASMAOT_OUTPUT. HEADER is for EMIT shared. OPTIONS are those of `wasmaot compile`.
#
#   wasmaot_add_test(NAME <name> MODULE <file or target> [ARGS <argument>...] [OPTIONS <option>...]
#                    [WORKING_DIRECTORY <directory>])
#     A test of CTest that runs a module, an object or what a target of wasmaot_compile makes, and passes when its exit
#     status is 0. OPTIONS are those of `wasmaot run`: nothing is granted without them.
#
# WASMAOT_EXECUTABLE is the command, of this installation if it is there, else of PATH.
# Of this build machine, also where the project is for another.
find_program(WASMAOT_EXECUTABLE wasmaot HINTS "${WASMAOT_COMMAND_DIR}" NO_CMAKE_FIND_ROOT_PATH)

function(_wasmaot_check_arguments name)
  if(NOT WASMAOT_EXECUTABLE)
    message(FATAL_ERROR "${name}: the command wasmaot is not installed; WASMAOT_EXECUTABLE may name it")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${name}: what is '${arg_UNPARSED_ARGUMENTS}'?")
  endif()
  if(NOT arg_MODULE)
    message(FATAL_ERROR "${name}: MODULE is missing")
  endif()
endfunction()

function(_wasmaot_find_file result file)
  if(NOT IS_ABSOLUTE "${file}")
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
      set(file "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    else()
      set(file "${CMAKE_CURRENT_BINARY_DIR}/${file}")
    endif()
  endif()
  set(${result} "${file}" PARENT_SCOPE)
endfunction()

function(wasmaot_compile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODULE;OUTPUT;EMIT;HEADER" "OPTIONS;DEPENDS")
  _wasmaot_check_arguments(wasmaot_compile)
  set(extension_obj .o)
  set(extension_exe "")
  set(extension_shared .so)
  set(extension_ir .ll)
  set(extension_bc .bc)
  set(extension_asm .s)
  if(NOT arg_EMIT)
    set(arg_EMIT obj)
  endif()
  if(NOT DEFINED extension_${arg_EMIT})
    message(FATAL_ERROR "wasmaot_compile: EMIT '${arg_EMIT}' is none of obj, exe, shared, ir, bc, asm")
  endif()
  if(NOT arg_OUTPUT)
    set(arg_OUTPUT "${target}${extension_${arg_EMIT}}")
  endif()
  if(NOT IS_ABSOLUTE "${arg_OUTPUT}")
    set(arg_OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${arg_OUTPUT}")
  endif()
  _wasmaot_find_file(module "${arg_MODULE}")
  set(header_option "")
  if(arg_HEADER)
    if(NOT IS_ABSOLUTE "${arg_HEADER}")
      set(arg_HEADER "${CMAKE_CURRENT_BINARY_DIR}/${arg_HEADER}")
    endif()
    set(header_option "--emit-header=${arg_HEADER}")
  endif()
  add_custom_command(OUTPUT "${arg_OUTPUT}" ${arg_HEADER}
    COMMAND "${WASMAOT_EXECUTABLE}" compile --emit=${arg_EMIT} ${header_option} ${arg_OPTIONS} -o "${arg_OUTPUT}" -- "${module}"
    DEPENDS "${module}" "${WASMAOT_EXECUTABLE}" ${arg_DEPENDS}
    COMMENT "Compiling ${arg_MODULE} with wasmaot" VERBATIM)
  add_custom_target(${target} ALL DEPENDS "${arg_OUTPUT}")
  set_target_properties(${target} PROPERTIES WASMAOT_OUTPUT "${arg_OUTPUT}" WASMAOT_EMIT "${arg_EMIT}")
endfunction()

function(wasmaot_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;MODULE;WORKING_DIRECTORY" "ARGS;OPTIONS")
  _wasmaot_check_arguments(wasmaot_add_test)
  if(NOT arg_NAME)
    message(FATAL_ERROR "wasmaot_add_test: NAME is missing")
  endif()
  set(emit "")
  if(TARGET "${arg_MODULE}")
    get_target_property(module "${arg_MODULE}" WASMAOT_OUTPUT)
    get_target_property(emit "${arg_MODULE}" WASMAOT_EMIT)
    if(NOT emit MATCHES "^(obj|exe)$")
      message(FATAL_ERROR "wasmaot_add_test: the target '${arg_MODULE}' makes nothing that runs")
    endif()
  else()
    _wasmaot_find_file(module "${arg_MODULE}")
  endif()
  if(emit STREQUAL "exe")
    if(arg_OPTIONS)
      message(FATAL_ERROR "wasmaot_add_test: a program has its options built in, by --run-options")
    endif()
    set(run "${module}")
  elseif(emit STREQUAL "obj")
    # Made by this build, so that it may run whatever its name.
    set(run "${WASMAOT_EXECUTABLE}" run --native ${arg_OPTIONS} -- "${module}")
  else()
    set(run "${WASMAOT_EXECUTABLE}" run ${arg_OPTIONS} -- "${module}")
  endif()
  add_test(NAME "${arg_NAME}" COMMAND ${run} ${arg_ARGS})
  if(arg_WORKING_DIRECTORY)
    set_tests_properties("${arg_NAME}" PROPERTIES WORKING_DIRECTORY "${arg_WORKING_DIRECTORY}")
  endif()
endfunction()
