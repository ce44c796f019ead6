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
        --enable-multi-memory --debug-names
        "${CMAKE_CURRENT_SOURCE_DIR}/${source}" -o "${module}"
      DEPENDS "${source}" VERBATIM)
    list(APPEND modules "${module}")
  endforeach()
  add_custom_target(${target} DEPENDS ${modules})
endfunction()
