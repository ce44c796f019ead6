# libwasmaot: loader, runtime and WASI in one library. No LLVM, no C++.
set(wa_library_parts wa_runtime wa_loader wa_wasi)

function(wasmaot_library name type)
  add_library(${name} ${type})
  foreach(part IN LISTS wa_library_parts)
    target_sources(${name} PRIVATE "$<TARGET_OBJECTS:${part}>")
  endforeach()
  target_link_libraries(${name} PRIVATE wasmaot_flags PUBLIC Threads::Threads m)
  target_include_directories(${name} INTERFACE
    "${PROJECT_SOURCE_DIR}/include"
    "${PROJECT_SOURCE_DIR}/runtime" "${PROJECT_SOURCE_DIR}/loader" "${PROJECT_SOURCE_DIR}/wasi")
  set_target_properties(${name} PROPERTIES OUTPUT_NAME wasmaot LINKER_LANGUAGE C)
endfunction()

wasmaot_library(wasmaot SHARED)
set_target_properties(wasmaot PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
wasmaot_library(wasmaot_static STATIC)
