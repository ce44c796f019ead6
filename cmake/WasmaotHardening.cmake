# What compiler and linker add against faults of our own, at no cost that could be measured: tests/e2e/hardening.sh reads
# it from what was built. Sanitizers find more and get in its way.
#
# Not asked for: -fcf-protection. The runtime has stacks of its own and leaves calls by a signal's context, which a
# shadow stack forbids, so nothing may be marked as fit for one.
include(CheckCCompilerFlag)
if(WASMAOT_SANITIZE OR WASMAOT_FUZZ)
  return()
endif()
foreach(flag -fstack-protector-strong -fstack-clash-protection)
  string(MAKE_C_IDENTIFIER "WASMAOT_HAS${flag}" has)
  check_c_compiler_flag("-Werror ${flag}" ${has})
  if(${has})
    target_compile_options(wasmaot_flags INTERFACE ${flag})
  endif()
endforeach()
# Needs optimisation; a compiler that knows no level 3 takes it for 2.
target_compile_options(wasmaot_flags INTERFACE
  "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>" "$<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>")
add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
