# The WASI parts that need no runtime: their sources are compiled into the tests.
set(wasi_source "${PROJECT_SOURCE_DIR}/wasi")
wasmaot_unit_test(wasi_path)
target_sources(test_wasi_path PRIVATE "${wasi_source}/sandbox.c")
wasmaot_unit_test(wasi_guest_memory)
target_sources(test_wasi_guest_memory PRIVATE "${wasi_source}/guest_memory.c")
wasmaot_unit_test(wasi_fd_table Threads::Threads)
target_sources(test_wasi_fd_table PRIVATE "${wasi_source}/fd_table.c")
foreach(test wasi_path wasi_guest_memory wasi_fd_table)
  set_property(TEST unit.${test} APPEND PROPERTY LABELS wasi)
endforeach()
set_property(TEST unit.wasi_fd_table APPEND PROPERTY LABELS threads)

# Options, JSON and files of the command.
set(cli_source "${PROJECT_SOURCE_DIR}/cli")
wasmaot_unit_test(cli_json)
target_sources(test_cli_json PRIVATE "${cli_source}/json.c" "${PROJECT_SOURCE_DIR}/compiler/base/utf8.c")
wasmaot_unit_test(cli_words)
target_sources(test_cli_words PRIVATE "${cli_source}/words.c")
