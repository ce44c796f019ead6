#ifndef WA_CPU_H
#define WA_CPU_H

#include "include/wa_error.h"
#include "runtime/abi.h"

// e_machine of the host this library was built for.
uint16_t wa_host_machine(void);
// The bits of wa_note.cpu_features that this processor and its operating system offer.
uint64_t wa_host_cpu_features(void);
// Refuses code that may use a feature the host lacks, naming it.
bool wa_check_cpu(uint64_t needed, struct wa_error *err);

#endif
