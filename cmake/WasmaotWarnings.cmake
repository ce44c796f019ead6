# What every target of the project is compiled with: wasmaot_flags.
add_library(wasmaot_flags INTERFACE)
target_compile_options(wasmaot_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror)
# What is shipped knows no directory it was built in; without debug information it never does.
target_compile_options(wasmaot_flags INTERFACE
  "$<$<CONFIG:RelWithDebInfo>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>"
  "$<$<CONFIG:RelWithDebInfo>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>")
target_compile_definitions(wasmaot_flags INTERFACE _GNU_SOURCE
  WASMAOT_VERSION="${PROJECT_VERSION}")
# Includes say where a header lies, from the top folder on.
target_include_directories(wasmaot_flags INTERFACE "${PROJECT_SOURCE_DIR}")
if(WASMAOT_SANITIZE)
  add_compile_options(-fsanitize=${WASMAOT_SANITIZE} -fno-omit-frame-pointer -g
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WASMAOT_SANITIZE})
endif()
# libFuzzer sees which edges of all code an input reaches.
if(WASMAOT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
