#!/bin/sh
# Rust's standard library and cargo, with wasmaot as cargo's runner: for each WASI target that rustc
# has a standard library for. Nothing is downloaded.
. "$(dirname "$0")/lib.sh"
crate=$work/crate
place=$work/place
export WASMAOT_E2E_TIMEOUT=600
cp -R "$(dirname "$0")/rust" "$crate"
mkdir "$place"

# A linker that can link for a target. Debian's rustc comes without one, and a later lld than its
# LLVM's refuses its libraries.
find_linker() { # TARGET
  echo 'fn main() {}' >"$work/empty.rs"
  for linker in rust-lld wasm-ld wasm-ld-14 wasm-ld-16 wasm-ld-19 wasm-ld-22; do
    rustc --target "$1" -C linker="$linker" "$work/empty.rs" -o "$work/empty.wasm" \
      >"$work/linking" 2>&1 && return
  done
  return 1
}

# cargo COMMAND FLAG...: in the package, for the target, run by wasmaot
cargo_in() {
  directory=$1
  command=$2
  shift 2
  # shellcheck disable=SC2086  # a list of words
  run sh -c 'cd "$1" && shift && exec "$@"' sh "$directory" \
    cargo $command --offline -q --manifest-path "$crate/Cargo.toml" --target "$target" $features "$@"
}

part() { # STATUS ARGUMENT...: the built guest alone
  expected=$1
  shift
  run "$wasmaot" run --dir="$place::." "$built" "$@"
  status "$expected"
}

standard_library() {
  part 0 args a 'b c' ''
  no_err
  out '["a", "b c", ""]'
  run "$wasmaot" run --env=A=1 --env=B='x y' "$built" env
  out '[("A", "1"), ("B", "x y")]'
  part 0 files
  out 'files are right'
  check 'the guest left something' [ -z "$(ls "$place")" ]
  part 0 clocks
  check 'another time' [ "$(($(date +%s) - $(cat "$work/out")))" -lt 60 ]
  part 0 collections
  out 'collections are right'
  printf 'one\ntwo' >"$work/lines"
  input=$work/lines
  part 0 lines
  input=/dev/null
  out '2: two'
  err '6 bytes'
  part 9 exit 9
  no_err
  part 134 fail
  err 'No such file or directory'
  # What panicked, by its name, without what a panic is made of; all of it when asked for.
  part 134 panic
  err 'of the panic itself (--backtrace=full shows them)'
  err ' guest::main + 0x'
  check 'none of the panic' sh -c "! grep -q 'std::panicking::\|_ZN\|_R' '$work/err'"
  run "$wasmaot" run --backtrace=full "$built" panic
  status 134
  err '#0 '
  err 'core::panicking::panic_fmt + 0x'
  run "$wasmaot" run --backtrace=full --no-demangle "$built" panic
  status 134
  err '_ZN5guest4main17h'
  part 134 panic
  err 'as it was asked to'
  err 'wasmaot: trap: unreachable'
  part 134 index
  err 'the len is 2 but the index is 9'
  part 134 overflow
  err 'deeper'
  run "$wasmaot" run -g "$built" panic
  check 'no frame has a line' grep -q '^  #.* at .*src/main.rs:[0-9]' "$work/err"
}

threads() {
  for _ in 1 2 3; do
    part 0 threads
    out 'threads are right'
    no_err
  done
  part 134 panic-in-thread
  err "'unlucky'"
  err 'in a thread'
  err 'trap: unreachable (in thread '
  check 'it went on after a panic' [ ! -s "$work/out" ]
  part 17 exit-in-thread
  part 0 main-returns
  out 'main returns'
  part 134 overflow-in-thread
  err 'in thread '
  run "$wasmaot" run --max-threads=2 "$built" threads
  status 134
  err 'failed to spawn thread'
}

cargo_runner() {
  cargo_in "$place" run --release -- args 'a b' --dir=/etc
  status 0
  out '["a b", "--dir=/etc"]'
  # `run` leaves the caller's directory, which the runner grants.
  cargo_in "$place" run --release -- files
  status 0
  cargo_in "$place" run --release -- exit 42
  status 42
  cargo_in "$place" run --release -- panic
  status 134
  # A debug build, with overflow checks and nothing inlined.
  cargo_in "$place" run -- collections
  status 0

  # `test` runs in the package's directory, a module for each of its tests.
  cargo_in "$place" test
  status 0
  check 'two modules ran tests' [ "$(grep -c 'test result: ok. [2-9] passed' "$work/out")" -eq 2 ]
  cargo_in "$place" test words -- --exact tests::words_are_counted --nocapture
  status 0
  out 'test result: ok. 1 passed'
  # What a test that fails wrote is lost with it, for a panic is the end, unless it was not captured.
  cargo_in "$place" test -- --ignored --nocapture
  check 'a test that fails fails cargo' [ "$got" -ne 0 ]
  err 'on purpose'
  err 'wasmaot: trap: unreachable'
}

# What a terminal does on Ctrl-C: every process is told. A shell's background jobs ignore SIGINT.
interrupted() { # CARGO-ARGUMENT...
  : >"$work/out"
  # shellcheck disable=SC2086
  setsid env --default-signal=INT cargo "$1" --release --offline -q --manifest-path "$crate/Cargo.toml" \
    --target "$target" $features -- wait >"$work/out" 2>"$work/err" &
  pid=$!
  tries=0
  until grep -q waiting "$work/out" || [ $tries -ge 600 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  check 'the guest waits' grep -q waiting "$work/out"
  kill -s INT -- "-$pid"
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 400 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  kill -s KILL -- "-$pid" 2>/dev/null
  got=0
  wait "$pid" || got=$?
  ran="cargo $1, interrupted"
  status 130
}

has_library() { # TARGET
  [ -d "$(rustc --print target-libdir --target "$1" 2>/dev/null)" ]
}

# Debian's rustc may have what one of rustup's, found before it, has not.
if ! has_library wasm32-wasip1-threads && ! has_library wasm32-wasip1; then
  PATH=/usr/bin:$PATH
fi
# cargo splits a runner from the environment at spaces, so it is found as a user's is.
PATH=$(dirname "$wasmaot"):$PATH
found=no
if command -v cargo >/dev/null && command -v rustc >/dev/null; then
  for target in wasm32-wasip1-threads wasm32-wasip1 wasm32-wasi; do
    has_library $target || continue
    if ! find_linker $target; then
      skip "$target: no linker that links for it: $(tail -n 1 "$work/linking")"
      continue
    fi
    found=yes
    features=''
    [ $target != wasm32-wasip1-threads ] || features='--features threads'
    variable=CARGO_TARGET_$(echo $target | tr a-z- A-Z_)
    export CARGO_TARGET_DIR="$work/target" "${variable}_LINKER=$linker" \
      "${variable}_RUNNER=wasmaot run --dir=."
    rm -f "$crate/Cargo.lock"
    cargo_in "$crate" build --release
    status 0
    built=$CARGO_TARGET_DIR/$target/release/guest.wasm
    standard_library
    if [ -n "$features" ]; then
      threads
    else
      part 0 no-threads
    fi
    cargo_runner
    interrupted run
    echo "$target: $(rustc --version), linked by $linker"
  done
fi
[ $found = yes ] || {
  echo 'SKIPPED: no cargo and rustc with a standard library for wasm32-wasip1-threads, wasm32-wasip1' \
    'or wasm32-wasi (rustup target add, or libstd-rust-dev-wasm32 with lld-14)'
  exit 77
}
finish
