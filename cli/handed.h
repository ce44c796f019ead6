// Descriptors that the command line hands to the guest: sockets that listen at an address, and what
// the command inherited.
#ifndef WA_CLI_HANDED_H
#define WA_CLI_HANDED_H

#include "cli/options.h"
#include "include/wa_error.h"

struct wa_handed {
  int *fds; // malloc
  size_t count;
};

// Listens at every ADDR:PORT of `listen` and checks every number of `inherited`, in this order.
// False with err, and nothing is left open that was opened here.
bool wa_handed_init(struct wa_handed *handed, const struct wa_string_list *listen,
                    const struct wa_string_list *inherited, struct wa_error *err);
// Forgets them; whoever runs the guest has taken the descriptors over.
void wa_handed_deinit(struct wa_handed *handed);

#endif
