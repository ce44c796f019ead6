// A host in C++ of modules that are shared libraries: what their imports throw.
#include "libbegin.h"
#include "libguest.h"

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace {

bool throwing;

int32_t guest_back(guest *, int32_t argument) {
  if (throwing) {
    throw std::runtime_error("thrown");
  }
  return argument;
}

int32_t begin_back(begin *, int32_t) {
  throw 7;
}

} // namespace

int main() {
  char error[200] = "";
  guest_imports imports{};
  imports.host_back = guest_back;
  guest_config config{};
  config.imports = &imports;
  guest *library = guest_create(&config, error, sizeof error);
  if (library == nullptr) {
    std::puts(error);
    return 1;
  }
  for (int times = 0; times < 3; times++) {
    throwing = true;
    try {
      guest_call(library, 1);
      std::puts("not thrown");
    } catch (const std::runtime_error &thrown) {
      std::printf("%s %s\n", thrown.what(), guest_trap(library));
    }
    throwing = false;
    int32_t result = guest_call(library, 2);
    std::printf("then %d, %s\n", result,
                guest_trap(library) != nullptr ? guest_trap(library) : "no trap");
  }
  guest_destroy(library);
  begin_imports begin_with{};
  begin_with.host_back = begin_back;
  begin_config beginning{};
  beginning.imports = &begin_with;
  try {
    begin_create(&beginning, error, sizeof error);
    std::puts("not thrown");
  } catch (int thrown) {
    std::printf("create threw %d\n", thrown);
  }
  return 0;
}
