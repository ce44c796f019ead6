# What the hosts in other languages share. Sourced by NAME.sh with: $1 the build, $2 the public headers, $3
# the modules.
#   need COMMAND...       ends the script as skipped where one of them is missing
#   failed WHAT           prints that, and what the last host said, and ends the script
#   well WHAT COMMAND...  runs a host for at most 200 s, which must say that all went well
set -eu
build=$1
include=$2
modules=$3
module=$modules/host.wasm
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/wasmaot-host.XXXXXX")
trap 'rm -rf "$work"' EXIT

skip() {
  echo "SKIPPED: $1"
  exit 77
}

need() {
  for needed in "$@"; do
    command -v "$needed" >/dev/null || skip "no $needed"
  done
}

failed() {
  echo "FAILED: $1"
  head -50 "$work/out"
  exit 1
}

well() { # WHAT COMMAND...
  what=$1
  shift
  timeout 200 "$@" >"$work/out" 2>&1 || failed "$what: status $?"
  grep -qx 'all went well' "$work/out" || failed "$what"
}
