// The code section: each body is validated as it is met, and an error says in which function.
#include "compiler/wasm/validate.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_NAME = 100 }; // bytes of a function name in a message

// Function names come from the file: what would garble a terminal is not shown.
static void copy_name(char *text, struct wa_bytes name) {
  size_t size = name.size < SHOWN_NAME ? name.size : SHOWN_NAME;
  // Not within a character.
  while (size < name.size && size && (name.data[size] & 0xc0) == 0x80) {
    size--;
  }
  for (size_t i = 0; i < size; i++) {
    text[i] = (char)(name.data[i] < 0x20 || name.data[i] == 0x7f ? '?' : name.data[i]);
  }
  text[size] = '\0';
}

// Puts "function 12 ("main"): " before the message. Names come last in the file: they are looked up
// only now, in what follows the code section.
static void name_function(struct wa_decoder *decoder, size_t section_end, uint32_t function) {
  struct wa_error *err = decoder->err;
  if (err->kind == WA_ERROR_SYSTEM) {
    return;
  }
  char message[sizeof err->message], text[SHOWN_NAME + 1];
  struct wa_bytes name;
  memcpy(message, err->message, sizeof message);
  if (wa_find_function_name(decoder->module->bytes, section_end, function, &name)) {
    copy_name(text, name);
    (void)wa_fail(err, err->kind, err->offset, "function %" PRIu32 " (\"%s\"): %s", function, text,
                  message);
  } else {
    (void)wa_fail(err, err->kind, err->offset, "function %" PRIu32 ": %s", function, message);
  }
  err->function = function;
}

static bool read_body(struct wa_decoder *decoder, struct wa_validator *validator,
                      struct wa_function *function) {
  struct wa_reader *reader = &decoder->reader;
  size_t offset = reader->position;
  uint32_t size;
  struct wa_bytes body;
  if (!wa_reader_number(reader, "the size of a function body", &size, decoder->err) ||
      !wa_reader_bytes(reader, size, "a function body", &body, decoder->err)) {
    return false;
  }
  function->end_offset = reader->position;
  function->body_offset = reader->position - size;
  if (size > WA_LIMIT_FUNCTION_SIZE) {
    return wa_fail_limit(decoder->err, offset, "bytes of a function body", size,
                         WA_LIMIT_FUNCTION_SIZE);
  }
  return wa_validate_function(validator, function);
}

bool wa_decode_code(struct wa_decoder *decoder) {
  struct wa_module *module = decoder->module;
  size_t offset = decoder->reader.position, end = decoder->reader.end;
  uint32_t defined = module->function_count - module->imported_functions;
  if (!wa_decode_count(decoder, "function bodies", 3, WA_LIMIT_FUNCTIONS, &decoder->body_count)) {
    return false;
  }
  if (decoder->body_count != defined) {
    return wa_malformed(decoder, offset,
                        "function and code section have inconsistent lengths: %" PRIu32
                        " and %" PRIu32,
                        defined, decoder->body_count);
  }
  struct wa_validator validator = {.decoder = decoder};
  bool ok = true;
  for (uint32_t i = 0; i < defined && ok; i++) {
    uint32_t index = module->imported_functions + i;
    ok = read_body(decoder, &validator, &module->functions[index]);
    if (!ok) {
      name_function(decoder, end, index);
    }
  }
  wa_validator_deinit(&validator);
  return ok;
}
