# libwasmaot: the public API over loader, runtime, WASI and the compiler's front (decoder and
# validator). No LLVM, no C++.
set(wa_library_parts wa_capi wa_runtime wa_loader wa_wasi wa_front)

function(wasmaot_library name type)
  add_library(${name} ${type})
  foreach(part IN LISTS wa_library_parts)
    # So that the linker drops what only the command calls.
    target_compile_options(${part} PRIVATE -ffunction-sections -fdata-sections)
    target_sources(${name} PRIVATE "$<TARGET_OBJECTS:${part}>")
  endforeach()
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:wasmaot_flags> PUBLIC Threads::Threads ${CMAKE_DL_LIBS} m)
  set_target_properties(${name} PROPERTIES OUTPUT_NAME wasmaot LINKER_LANGUAGE C)
endfunction()

# Embedders see the public headers; only what is linked statically sees the parts.
wasmaot_library(wasmaot SHARED)
target_include_directories(wasmaot INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
set_target_properties(wasmaot PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
  LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/libwasmaot.map")
target_link_options(wasmaot PRIVATE
  "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/libwasmaot.map"
  LINKER:--gc-sections
  LINKER:-z,nodelete) # signal handlers stay when a host closes it
wasmaot_library(wasmaot_static STATIC)
target_include_directories(wasmaot_static INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
target_include_directories(wasmaot_static INTERFACE
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
