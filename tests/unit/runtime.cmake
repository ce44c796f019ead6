# Runtime and loader.
wasmaot_unit_test(reloc wasmaot_static)
wasmaot_unit_test(ranges wasmaot_static)
wasmaot_unit_test(types wasmaot_static)
wasmaot_unit_test(memory wasmaot_static)
wasmaot_unit_test(waitlist wasmaot_static)
foreach(test memory types waitlist)
  set_property(TEST unit.${test} APPEND PROPERTY LABELS threads)
endforeach()

# What runs compiled code compiles it first.
if(TARGET wa_compiler_static)
  foreach(test anchor artifact calls data edges groups interrupt exceptions tail_calls unwind wide)
    wasmaot_unit_test(${test} wa_compiler_static wa_front wasmaot_static)
    target_sources(test_${test} PRIVATE guest_compile.c guest_modules.c guest_busy.c)
    # Both parts have a header module.h or so: the compiler's comes first.
    target_include_directories(test_${test} BEFORE PRIVATE "${PROJECT_SOURCE_DIR}/compiler")
  endforeach()
  wasmaot_unit_test(debug wa_compiler_static wa_front wasmaot_static)
  target_include_directories(test_debug BEFORE PRIVATE "${PROJECT_SOURCE_DIR}/compiler")
  foreach(test groups interrupt)
    set_property(TEST unit.${test} APPEND PROPERTY LABELS threads)
  endforeach()
endif()
