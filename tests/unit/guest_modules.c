// The modules that several tests of runtime and loader compile; their text is in modules/.
#include "tests/unit/guest_modules.h"

const uint8_t rich_wasm[] = {
#include "rich.inc"
};
const size_t rich_wasm_size = sizeof rich_wasm;

const uint8_t shared_wasm[] = {
#include "shared.inc"
};
const size_t shared_wasm_size = sizeof shared_wasm;

const uint8_t busy_wasm[] = {
#include "busy.inc"
};
const size_t busy_wasm_size = sizeof busy_wasm;
