// The recorded results: how many commands of each folder pass, and how many fail.
#ifndef SPEC_EXPECT_H
#define SPEC_EXPECT_H

#include <stdbool.h>

// "folder passed failed" a line; '#' begins a comment. False when the folder is not recorded.
bool expect_read(const char *path, const char *folder, unsigned *passed, unsigned *failed);

#endif
