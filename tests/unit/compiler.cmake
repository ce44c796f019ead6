# Lowering.
if(TARGET wa_compiler_static)
  wasmaot_unit_test(lowering wa_compiler_static wa_front)
  target_include_directories(test_lowering SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  wasmaot_unit_test(branch_hints wa_compiler_static wa_front)
  # The counts are those of one version of LLVM.
  if(LLVM_VERSION_MAJOR EQUAL 22)
    wasmaot_unit_test(simd_code wa_compiler_static wa_front)
  endif()
endif()
