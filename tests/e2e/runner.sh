#!/bin/sh
# As others run it: ctest, the kernel (cargo: rust.sh). Arguments, exit status, working directory, signals.
. "$(dirname "$0")/lib.sh"

# The working directory is the caller's, and what `.` grants.
mkdir "$work/place"
echo 'in place' >"$work/place/file"
run sh -c 'cd "$1" && exec "$2" run --dir . "$3" file' sh "$work/place" "$wasmaot" "$guests/cat.wasm"
status 0
out 'in place'

# A signal ends the guest as it would any program; stopping and going on works.
mkfifo "$work/fifo"
for signal in HUP:1 USR1:10 TERM:15; do
  : >"$work/said"
  "$wasmaot" run "$guests/cat.wasm" <"$work/fifo" >"$work/said" 2>"$work/err" &
  pid=$!
  exec 3>"$work/fifo"
  echo 'hello?' >&3
  tries=0
  while [ ! -s "$work/said" ] && [ $tries -lt 400 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  check 'the guest runs' test -s "$work/said"
  kill -STOP "$pid"
  kill -CONT "$pid"
  kill -"${signal%:*}" "$pid"
  got=0
  wait "$pid" || got=$?
  exec 3>&-
  check "SIG${signal%:*} ends it, status $got" test "$got" -eq $((128 + ${signal#*:}))
done
input=/dev/null

# ctest, through CMAKE_CROSSCOMPILING_EMULATOR.
if command -v cmake >/dev/null && command -v ctest >/dev/null; then
  mkdir "$work/project"
  cat >"$work/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(guests LANGUAGES NONE)
enable_testing()
set(CMAKE_CROSSCOMPILING_EMULATOR "$wasmaot;run;--dir=.")
add_executable(exit IMPORTED)
set_target_properties(exit PROPERTIES IMPORTED_LOCATION "$guests/exit.wasm")
add_executable(cat IMPORTED)
set_target_properties(cat PROPERTIES IMPORTED_LOCATION "$guests/cat.wasm")
foreach(guest exit cat)
  set_target_properties(\${guest} PROPERTIES CROSSCOMPILING_EMULATOR "$wasmaot;run;--dir=.")
endforeach()
add_test(NAME succeeds COMMAND exit 0)
add_test(NAME fails COMMAND exit 3)
set_tests_properties(fails PROPERTIES WILL_FAIL ON)
add_test(NAME reads COMMAND cat file WORKING_DIRECTORY "$work/place")
set_tests_properties(reads PROPERTIES PASS_REGULAR_EXPRESSION "in place")
END
  run cmake -S "$work/project" -B "$work/project/build"
  status 0
  run ctest --test-dir "$work/project/build"
  status 0
  out '0 tests failed out of 3'
  check 'ctest called the runner' grep -rqF -- "$wasmaot" "$work/project/build/CTestTestfile.cmake"
else
  skip 'no cmake'
fi

# The kernel calls the interpreter with its own path, the module's and the arguments.
ln -s "$wasmaot" "$work/wasmaot-run"
run "$work/wasmaot-run" "$guests/echo.wasm" --dir one
status 0
no_err
out 'arg 0: echo.wasm'
out 'arg 1: --dir'
out 'arg 2: one'
run env WASMAOT_OPTIONS="--env A='b c' --env \"D=e\"" "$work/wasmaot-run" "$guests/echo.wasm"
status 0
out 'env: A=b c'
out 'env: D=e'
run env WASMAOT_OPTIONS="--env A='b" "$work/wasmaot-run" "$guests/echo.wasm"
status 2
one_line
run "$work/wasmaot-run"
status 2
one_line

# What is installed registers it. Where a namespace has a binfmt_misc of its own, the kernel does.
if command -v cmake >/dev/null && [ -f "${WASMAOT_E2E_BUILD:-/nonexistent}/cli/cmake_install.cmake" ]; then
  run cmake --install "$WASMAOT_E2E_BUILD/cli" --prefix "$work/usr"
  status 0
  run "$work/usr/bin/wasmaot-run" "$guests/exit.wasm" 7
  # The compiler library is not installed beside it here, or it is: both say so in one line.
  check 'the link works' test "$got" -eq 7 -o "$got" -eq 1
  rule=$(grep '^:' "$work/usr/lib/binfmt.d/wasmaot.conf")
  check 'the registration' test "$rule" = \
    ":wasmaot:M::\\x00asm\\x01\\x00\\x00\\x00::$work/usr/bin/wasmaot-run:"
  cp "$guests/exit.wasm" "$work/program.wasm"
  chmod +x "$work/program.wasm"
  ln -sf "$wasmaot" "$work/usr/bin/wasmaot-run"
  if unshare -rm sh -c 'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc' 2>/dev/null; then
    run unshare -rm sh -c 'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc &&
      printf "%s" "$1" >/proc/sys/fs/binfmt_misc/register && "$2" 7' sh "$rule" "$work/program.wasm"
    status 7
    out 'exiting'
  else
    skip 'no binfmt_misc of our own: the kernel was not asked'
  fi
else
  skip 'no build to install'
fi
finish
