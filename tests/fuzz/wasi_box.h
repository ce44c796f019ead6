// A directory tree that is granted to a guest, made anew for each input, and beside it one that is
// not granted: whatever is read from it, written to it or changed in it is an escape.
#ifndef WASI_BOX_H
#define WASI_BOX_H

#include <stdbool.h>
#include <stddef.h>

// In everything that lies outside and can be read: file contents and a file's name.
#define BOX_SECRET "CANARY-82c2f0e1-secret"

// Makes the directories under $TMPDIR. They are removed at exit.
void box_open(void);
const char *box_root(void);  // granted
const char *box_other(void); // granted, too
const char *box_fixed(void); // granted, too, to be read only: r, d/r
// Everything inside as it was in the beginning.
void box_reset(void);
// Aborts when something outside was changed.
void box_check(void);

#endif
