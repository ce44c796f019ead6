// Which code is ours: from a pc to its artifact and function.
#ifndef WA_RUNTIME_CODE_CODE_H
#define WA_RUNTIME_CODE_CODE_H

#include "runtime/code/artifact.h"

struct wa_range;

// The loader makes code known to the trap handler, and withdraws it before it unmaps. It must stay
// until then. NULL when out of memory.
struct wa_range *wa_code_publish(const struct wa_code *code);
void wa_code_withdraw(struct wa_range *published); // NULL is fine

// Takes the next place for a part of published code, where its text will be. One thread at a time.
struct wa_code *wa_code_take_part(struct wa_code_parts *parts, const uint8_t *text);
// Makes the part known. Whoever may run it is told where it is afterwards.
void wa_code_fill_part(struct wa_code *part, const struct wa_code *code);

// The code whose text holds the pc, or NULL. Async-signal-safe.
const struct wa_code *wa_code_find(uintptr_t pc);

// Counts what is published and withdrawn, from 1: what was found out about an address of code holds
// as long as this stays the same. Whoever runs code was handed it after it was published, and so
// sees the count of then or a later one.
uint64_t wa_code_generation(void);

// The code map's row for an offset in the text, or NULL. Async-signal-safe.
const struct wa_meta_code *wa_code_row(const struct wa_code *code, uint32_t text_offset);

#endif
