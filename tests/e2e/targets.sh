#!/bin/sh
# The list of targets, as text and as JSON; everything in it is what `compile` takes.
. "$(dirname "$0")/lib.sh"

run "$wasmaot" targets
status 0
no_err
for what in x86_64-linux-gnu x86_64-linux-musl aarch64-linux-gnu riscv64-linux-gnu x86-64-v3 \
  znver4 cortex-a76 avx512vl lse zba LLVM; do
  out "$what"
done
check 'no line is too long' test "$(awk '{ if (length > 80) n++ } END { print n + 0 }' "$work/out")" -eq 0
run "$wasmaot" targets --json
status 0
cp "$work/out" "$work/targets.json"
python3 - "$work/targets.json" >"$work/list" <<'END' || failed 'the JSON is not right'
import json, os, sys
found = json.load(open(sys.argv[1]))
assert found["host"]["architecture"] == os.uname().machine, found["host"]
assert int(found["llvm"].split(".")[0]) >= 16
assert {a["architecture"] for a in found["architectures"]} == {"x86_64", "aarch64", "riscv64"}
for arch in found["architectures"]:
    for cpu in arch["cpus"]:
        assert set(cpu["features"]) <= set(arch["features"])
    if arch["available"]:
        for i, target in enumerate(arch["targets"]):
            for cpu in arch["cpus"] if i == 0 else arch["cpus"][:1]:
                print(target, cpu["name"])
        for feature in arch["features"]:
            print(arch["targets"][0], "baseline,+" + feature)
END
checks=$((checks + 1))
check 'there are some' test "$(wc -l <"$work/list")" -gt 40
printf '\0asm\1\0\0\0' >"$work/empty.wasm"
while read -r target cpu; do
  "$wasmaot" compile --target="$target" --cpu="$cpu" "$work/empty.wasm" -o "$work/empty.o" \
    >"$work/out" 2>"$work/err" || failed "compile --target=$target --cpu=$cpu"
  checks=$((checks + 1))
done <"$work/list"
run "$wasmaot" targets more
status 2
one_line
finish
