#!/bin/sh
# The command, which compiles each function of whatever it runs when it is called. Sourced by
# nobody: a script of this folder runs with it in the place of the command.
#   WASMAOT_LAZILY=COMMAND lazily.sh ARGUMENT...
if [ "$1" = run ]; then
  shift
  exec "$WASMAOT_LAZILY" run --lazy=1 "$@"
fi
exec "$WASMAOT_LAZILY" "$@"
