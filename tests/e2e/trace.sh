#!/bin/sh
# --trace-wasi: what each call was, in whole lines, by threads as well; and readable names in traps.
. "$(dirname "$0")/lib.sh"

mkdir "$work/box"
echo hi >"$work/box/f"

traced() { # TEXT: a line of the trace, its times left out
  checks=$((checks + 1))
  sed 's/^\([0-9]*\) [0-9]*\.[0-9]\{6\} /\1 /;s/ <[0-9.]*>$//' "$work/trace" | grep -qxF -- "$1" ||
    failed "the trace has no '$1': $(head -c 2000 "$work/trace")"
}
whole() { # every line is one call with its times
  checks=$((checks + 1))
  ! grep -qvxE '[0-9]+ [0-9]+\.[0-9]{6} [a-z_-]+\(.*\) = ([A-Z0-9]+.*|thread [0-9]+|\?)( <[0-9]+\.[0-9]{6}>)?' \
    "$work/trace" || failed "a line of the trace is not whole: $(grep -vE ' = ' "$work/trace" | head -3)"
}

# In a file, with arguments, data and results.
run "$wasmaot" run --dir "$work/box::." --trace-wasi="$work/trace" "$guests/cat.wasm" f nothing
whole
out hi
traced '0 path_open(3, SYMLINK_FOLLOW, "f", 0, fd_read, 0, 0) = ESUCCESS 4'
traced '0 fd_read(4, [{"hi\n", 65536}], 1) = ESUCCESS 3'
traced '0 fd_write(1, [{"hi\n", 3}], 1) = ESUCCESS 3'
traced '0 fd_close(4) = ESUCCESS'
traced '0 path_open(3, SYMLINK_FOLLOW, "nothing", 0, fd_read, 0, 0) = ENOENT'

# On standard error; the guest's own output is as it was.
run "$wasmaot" run --trace-wasi "$guests/hello.wasm"
status 0
cp "$work/err" "$work/trace"
whole
traced '0 fd_write(1, [{"Hello from wasm32-wasip1\n", 25}], 1) = ESUCCESS 25'
check 'and nothing else' test "$(wc -l <"$work/trace")" -eq 3
run "$wasmaot" run --trace-wasi "$guests/exit.wasm" 7
status 7
cp "$work/err" "$work/trace"
whole
traced '0 proc_exit(7) = ?'

# Every function that the tests of preview 1 call has its arguments told, and the result is as ever.
mkdir "$work/world"
run "$wasmaot" run --env FIRST=1 --env SECOND= --dir "$work/world::/" --trace-wasi="$work/trace" \
  "$guests/preview1.wasm"
status 0
whole
for name in args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate \
  fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size \
  fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek \
  fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open \
  path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff random_get sched_yield; do
  check "$name is traced" grep -q " $name(" "$work/trace"
done

# Threads: each line is whole, and says whose it is.
run "$wasmaot" run --trace-wasi="$work/trace" "$guests/demo.wasm"
status 0
out 'all results are right'
whole
check 'threads are started' grep -q '^0 .* thread-spawn(0x[0-9a-f]*) = thread 1 <' "$work/trace"

# A program of its own, and what cannot be written.
if "$wasmaot" compile --emit=exe "$guests/hello.wasm" -o "$work/hello" 2>/dev/null; then
  run env WASMAOT_OPTIONS="--trace-wasi=$work/trace" "$work/hello"
  status 0
  whole
  traced '0 fd_write(1, [{"Hello from wasm32-wasip1\n", 25}], 1) = ESUCCESS 25'
fi
run "$wasmaot" run --trace-wasi="$work/none/trace" "$guests/hello.wasm"
status 1
one_line
err "--trace-wasi: cannot write '$work/none/trace': No such file or directory"

# ---- Names ----

run "$wasmaot" run -O0 --invoke=run "$guests/demangle.wasm" 0
status 134
err '#0 (anonymous namespace)::store<int, char>::get(int) const + 0x'
err ' app::fail(int, char const*) + 0x'
run "$wasmaot" run -O0 --invoke=run --no-demangle "$guests/demangle.wasm" 0
status 134
err ' _ZN3app4failEiPKc + 0x'
# Both from the cache now, each its own.
run "$wasmaot" run -O0 --invoke=run "$guests/demangle.wasm" 0
err ' app::fail(int, char const*) + 0x'
finish
