# Lowering.
if(TARGET wa_compiler_static)
  wasmaot_unit_test(lowering wa_compiler_static wa_front)
  target_include_directories(test_lowering SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  wasmaot_unit_test(branch_hints wa_compiler_static wa_front)
endif()
