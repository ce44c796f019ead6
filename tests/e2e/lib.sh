# What the end-to-end scripts share. Sourced with: $1 the command, $2 the directory of the guests,
# $3 with_socket, $4 with_fds, $5 the documentation's directory.
#   run COMMAND...        runs it, keeps its output and status (60 s at most, input is empty)
#   status N              the last run's exit status was N
#   out TEXT, err TEXT    its output, its error output hold TEXT
#   no_err                it wrote nothing to stderr
#   one_line              it wrote one line to stderr, that starts with "wasmaot: "
#   workers               the processes that optimise beside runs; wait_for_workers waits for their end,
#                         kill_workers kills them
#   optimised COMMAND...  runs it again until it finds optimised code
#   pad MODULE FILE       a copy of the module that is large enough to be optimised beside its run
# A failed check is printed, with what the command said, and fails the script in `finish`.
set -u

wasmaot=$1
guests=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-e2e.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Nobody's own cache, and an empty one.
export WASMAOT_CACHE_DIR="$work/cache"
checks=0
failures=0
skipped=0
ran=''
got=0

run() {
  ran="$*"
  got=0
  timeout "${WASMAOT_E2E_TIMEOUT:-60}" "$@" <"${input:-/dev/null}" >"$work/out" 2>"$work/err" || got=$?
}

failed() {
  failures=$((failures + 1))
  echo "FAILED: $1"
  echo "  after: $ran"
  sed 's/^/  out: /' "$work/out" | head -20
  sed 's/^/  err: /' "$work/err" | head -20
}

status() {
  checks=$((checks + 1))
  [ "$got" -eq "$1" ] || failed "exit status $got, expected $1"
}

out() {
  checks=$((checks + 1))
  grep -qF -- "$1" "$work/out" || failed "output has no '$1'"
}

err() {
  checks=$((checks + 1))
  grep -qF -- "$1" "$work/err" || failed "error output has no '$1'"
}

no_err() {
  checks=$((checks + 1))
  [ ! -s "$work/err" ] || failed "something on stderr"
}

one_line() {
  checks=$((checks + 1))
  [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q '^wasmaot: ' "$work/err" ||
    failed "stderr is not one line of wasmaot's"
}

# check NAME COMMAND...: the command succeeds.
check() {
  checks=$((checks + 1))
  name=$1
  shift
  "$@" || failed "$name"
}

# The processes of this test that optimise beside runs, by their name and their cache.
workers() {
  for process in $(grep -lx wasmaot-cache /proc/[0-9]*/comm 2>/dev/null); do
    process=${process%/comm}
    if { tr '\0' ' ' <"$process/environ"; } 2>/dev/null | grep -qF "$work"; then
      echo "${process#/proc/}"
    fi
  done
}
kill_workers() {
  for pid in $(workers); do
    kill -9 "$pid" 2>/dev/null
  done
}
# Waits until none is there any more, three minutes at most: it has what others leave.
wait_for_workers() {
  for _ in $(seq 1800); do
    [ -n "$(workers)" ] || return 0
    sleep 0.1
  done
  return 1
}

# optimised COMMAND...: runs it again until it finds optimised code, two minutes and a half at most. A
# process that was just killed holds its lock until the system has taken all its memory back.
optimised() {
  for _ in $(seq 150); do
    wait_for_workers
    run "$@"
    ! grep -q 'optimised code was found' "$work/err" || return 0
    sleep 1
  done
  return 1
}

# pad MODULE FILE: with a section of 20,480 bytes at its end: small modules are optimised before the
# start.
pad() {
  cp "$1" "$2"
  printf '\000\205\240\001\004junk' >>"$2"
  head -c 20480 /dev/zero >>"$2"
}

skip() {
  skipped=$((skipped + 1))
  echo "SKIPPED: $1"
}

finish() {
  echo "$checks checks, $failures failed, $skipped skipped"
  [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
}
