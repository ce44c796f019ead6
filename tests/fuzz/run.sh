#!/bin/sh
# Runs libFuzzer's targets side by side. usage: run.sh BUILD-DIRECTORY SECONDS
# Inputs that show a fault stay in BUILD-DIRECTORY/found, what covers new code in .../corpus.
set -eu
build=$(cd "$1" && pwd)
seconds=$2
seeds=$build/tests/fuzz/seeds
mkdir -p "$build/found"
export ASAN_OPTIONS=allocator_may_return_null=1

start() { # NAME LARGEST-INPUT [MORE-SEEDS]
  name=$1
  largest=$2
  more=${3:-}
  mkdir -p "$build/corpus/$name" "$seeds/$name" "$seeds/regressions/$name"
  nice "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len="$largest" \
    -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 -artifact_prefix="$build/found/$name-" \
    "$build/corpus/$name" "$seeds/$name" "$seeds/regressions/$name" ${more:+"$more"} \
    >"$build/fuzz-$name.log" 2>&1 </dev/null &
}

start front 8192
front=$!
start loader 65536
loader=$!
start wasi 1024
wasi=$!
start dwarf 32768
dwarf=$!
start compile 8192 "$seeds/front"
compile=$!
trap 'kill $front $loader $wasi $dwarf $compile 2>/dev/null || true' INT TERM

status=0
for process in front:$front loader:$loader wasi:$wasi dwarf:$dwarf compile:$compile; do
  name=${process%:*}
  log=$build/fuzz-$name.log
  if wait "${process#*:}"; then
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    echo "fuzz: $name: nothing found in $runs runs of $seconds seconds;" \
      "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)"
  else
    status=1
    tail -n 60 "$log"
    echo "fuzz: $name: found a fault; the input is in $build/found, the log is $log"
  fi
done
exit $status
