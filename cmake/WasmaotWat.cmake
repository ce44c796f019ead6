# Modules of tests and examples in the text format, made binary by wabt's wat2wasm.
find_program(WASMAOT_WAT2WASM wat2wasm)

#   wasmaot_wat(target file.wat...)  ->  <current build directory>/file.wasm, built before `target`
function(wasmaot_wat target)
  set(modules "")
  foreach(source IN LISTS ARGN)
    get_filename_component(stem "${source}" NAME_WE)
    set(module "${CMAKE_CURRENT_BINARY_DIR}/${stem}.wasm")
    add_custom_command(OUTPUT "${module}"
      COMMAND "${WASMAOT_WAT2WASM}" --enable-threads --enable-exceptions --enable-memory64
        --enable-multi-memory --enable-tail-call --debug-names
        "${CMAKE_CURRENT_SOURCE_DIR}/${source}" -o "${module}"
      DEPENDS "${source}" VERBATIM)
    list(APPEND modules "${module}")
  endforeach()
  add_custom_target(${target} DEPENDS ${modules})
endfunction()

#   wasmaot_wat_bytes(target [NAMES] file.wat...)  ->  <current build directory>/file.inc: the module's
#   bytes as what stands between the braces of a C array, built before `target`. NAMES: with the text's
#   names of functions, tables and so on.
function(wasmaot_wat_bytes target)
  cmake_parse_arguments(PARSE_ARGV 1 arg NAMES "" "")
  set(names "")
  if(arg_NAMES)
    set(names --debug-names)
  endif()
  set(lists "")
  foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
    get_filename_component(stem "${source}" NAME_WE)
    set(module "${CMAKE_CURRENT_BINARY_DIR}/${stem}.wasm")
    set(list "${CMAKE_CURRENT_BINARY_DIR}/${stem}.inc")
    add_custom_command(OUTPUT "${list}" BYPRODUCTS "${module}"
      COMMAND "${WASMAOT_WAT2WASM}" --enable-threads --enable-exceptions --enable-tail-call ${names}
        "${CMAKE_CURRENT_SOURCE_DIR}/${source}" -o "${module}"
      COMMAND "${CMAKE_COMMAND}" "-Dfrom=${module}" "-Dto=${list}"
        -P "${PROJECT_SOURCE_DIR}/cmake/bytes.cmake"
      DEPENDS "${source}" "${PROJECT_SOURCE_DIR}/cmake/bytes.cmake" VERBATIM)
    list(APPEND lists "${list}")
  endforeach()
  add_custom_target(${target} DEPENDS ${lists})
endfunction()
