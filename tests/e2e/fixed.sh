#!/bin/sh
# Directories that are granted to be read only: a guest that tries all that changes something, with
# and without openat2, and what --dir makes of ":ro" and ":rw".
. "$(dirname "$0")/lib.sh"

run "$wasmaot" compile "$guests/fixed.wasm" -o "$work/fixed.o"
status 0

make_tree() {
  rm -rf "$work/fixed" "$work/free"
  for root in fixed free; do
    mkdir -p "$work/$root/dir/empty" "$work/$root/empty"
    printf 'inside' >"$work/$root/file"
    printf 'inside' >"$work/$root/dir/file"
    ln -s file "$work/$root/link"
  done
}

# All that can be changed; not when something was read.
look() {
  (cd "$work/fixed" && find . -exec stat -c '%n %i %h %s %a %y %z' {} + | sort && cat file dir/file)
}

for openat2 in yes no; do
  for program in "$guests/fixed.wasm" "$work/fixed.o"; do
    make_tree
    look >"$work/before"
    if [ "$openat2" = yes ]; then
      run "$wasmaot" run --dir "$work/fixed:ro" --dir "$work/free" "$program"
    else
      run env WASMAOT_NO_OPENAT2=1 "$wasmaot" run --dir "$work/fixed::/x:ro" --dir \
        "$work/free::/y:rw" "$program"
    fi
    status 0
    no_err
    check 'every attempt was refused' grep -Eq '^passed ([0-9]+) of \1$' "$work/out"
    look >"$work/after"
    check 'nothing changed' cmp "$work/before" "$work/after"
    check 'the other can be written' test "$(cat "$work/free/made")" = newnew
  done
done

# A guest that may write says so with every check: the guest does notice.
make_tree
run "$wasmaot" run --dir "$work/fixed" --dir "$work/free" "$work/fixed.o"
status 1
out 'FAILED open to write'
out 'FAILED link out'
out 'FAILED times'

# Options that are kept in a program of its own, and the guest's name of the directory.
make_tree
run "$wasmaot" run --dir "$work/fixed::/here:ro" "$guests/ls.wasm"
status 0
out '/here:'
out '4 file'
mkdir "$work/odd:ro" "$work/odd"
printf 'in odd:ro' >"$work/odd:ro/file"
run "$wasmaot" run --dir "$work/odd:ro:rw::/x" "$guests/ls.wasm"
status 1
one_line
err 'cannot open directory'
run "$wasmaot" run --dir "$work/odd:ro:rw" "$guests/ls.wasm"
status 0
out '4 file'
run "$wasmaot" run --dir "$work/odd::/x:ro" --dir "$work/odd:ro:ro" "$guests/ls.wasm"
status 0
out '4 file'
for bad in :ro ::x:ro "$work::" "$work:::ro" ::; do
  run "$wasmaot" run --dir "$bad" "$guests/ls.wasm"
  status 2
  one_line
  err 'with or without :ro'
done
finish
