#!/bin/sh
# Commands and the processes that optimise beside them are killed at random moments, while functions
# are compiled when they are called, guests have threads, and two work at once: the cache that is
# left has only whole entries, and what runs next says what it should. WASMAOT_E2E_KILLS is how many
# moments at which something was killed; WASMAOT_E2E_SEED makes the same ones.
. "$(dirname "$0")/lib.sh"
unset XDG_CACHE_HOME WASMAOT_CACHE_SIZE
kills=${WASMAOT_E2E_KILLS:-10}
seed=${WASMAOT_E2E_SEED:-$(date +%s)}
echo "seed $seed"

# Both start threads. One is large enough to be kept in pieces, too.
cp "$guests/debug.wasm" "$work"
pad "$guests/demo.wasm" "$work/demo.wasm"
argument() {
  case $1 in
  demo) echo 4 ;;
  debug) echo threads ;;
  esac
}
start() {
  "$wasmaot" run --lazy=1 "$work/$1.wasm" "$(argument "$1")" >/dev/null 2>&1 &
}
runs_right() {
  run "$wasmaot" run --lazy=1 "$work/$1.wasm" "$(argument "$1")"
  status 0
  case $1 in
  demo) out 'all results are right' ;;
  debug) out 'counter 8 at hello' ;;
  esac
  no_err
}

# Each file's tail is 64 bytes: a name, the key that the file has as its own name, and the size.
entries=0
whole_entries() {
  for entry in "$WASMAOT_CACHE_DIR"/*.aot "$WASMAOT_CACHE_DIR"/*.obj; do
    tail -c 64 "$entry" >"$work/tail" 2>/dev/null || continue # it has given way to another
    size=$(stat -c %s "$entry" 2>/dev/null) || continue
    key=${entry##*/}
    is=$(od -An -v -tx1 -N40 "$work/tail" | tr -d ' \n')
    says=$(od -An -tu8 -j40 -N8 "$work/tail" | tr -d ' ')
    check "$key is whole" [ "$is $says" = "7761736d616f7400${key%.*} $((size - 64))" ]
    entries=$((entries + 1))
  done
}

# How long all of it takes, and then when to kill: in a third of the rounds early, while commands run.
run "$wasmaot" cache clear
begun=$(date +%s%N)
for guest in demo debug; do
  start $guest
  wait
done
check 'both are optimised' wait_for_workers
span=$((($(date +%s%N) - begun) / 1000000))
echo "both are optimised within $span ms"

commands_killed=0 workers_killed=0 moments=0 round=0
# kill_all NAME PID...: kills them, and counts those that were there.
kill_all() {
  count=0
  for pid in $2; do
    ! kill -9 "$pid" 2>/dev/null || count=$((count + 1))
  done
  eval "$1=\$(($1 + count))"
}
awk -v seed="$seed" -v rounds=$((8 * kills)) -v span="$span" 'BEGIN {
  srand(seed)
  for (i = 0; i < rounds; i++) {
    printf "%.3f %d\n", rand() * (i % 3 == 0 ? 300 : span) / 1000, int(rand() * 3)
  }
}' >"$work/plan"
while [ "$moments" -lt "$kills" ] && read -r delay victims; do
  [ $((round % 2)) -eq 1 ] || run "$wasmaot" cache clear
  case $((round / 2 % 4)) in
  0) set -- demo ;;
  1) set -- demo demo ;;
  2) set -- debug demo ;;
  3) set -- debug debug ;;
  esac
  pids=''
  for guest in "$@"; do
    start "$guest"
    pids="$pids $!"
  done
  sleep "$delay"
  before=$((commands_killed + workers_killed))
  [ "$victims" -eq 1 ] || kill_all workers_killed "$(workers)"
  [ "$victims" -eq 2 ] || kill_all commands_killed "$pids"
  [ $((commands_killed + workers_killed)) -eq "$before" ] || moments=$((moments + 1))
  wait 2>/dev/null
  whole_entries
  for guest in demo debug; do
    runs_right "$guest"
  done
  round=$((round + 1))
done <"$work/plan"
echo "killed at $moments moments of $round rounds: $commands_killed commands, $workers_killed" \
  "processes that optimise; $entries entries were whole or would have failed"
check "something was killed $kills times" test "$moments" -eq "$kills"

# Nobody waits for a lock of who was killed.
for guest in demo debug; do
  check "$guest is optimised at last" optimised "$wasmaot" run --timings --lazy=1 "$work/$guest.wasm" \
    "$(argument "$guest")"
done
whole_entries
run "$wasmaot" cache clear
status 0
check 'it ends' wait_for_workers
finish
