// Runs the commands of a script.
#ifndef SPEC_SCRIPT_H
#define SPEC_SCRIPT_H

#include "tests/spec/scope.h"

// How many commands count: assertions, invoke and get, at the top level and in thread blocks.
unsigned script_count(const struct node *commands);

// Runs them all; every one that counts is reported once.
void script_run(const struct node *commands, const struct spec_options *options,
                struct report *report);

#endif
