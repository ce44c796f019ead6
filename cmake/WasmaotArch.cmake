# wa_arch: the name that files of the architecture we build for carry.
string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" wa_arch)
if(wa_arch STREQUAL "amd64")
  set(wa_arch x86_64)
elseif(wa_arch STREQUAL "arm64")
  set(wa_arch aarch64)
endif()
