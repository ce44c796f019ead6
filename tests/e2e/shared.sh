#!/bin/sh
# Shared libraries: exports and imports as functions of C, from C and C++; programs and threads in
# them; names; what is refused. Cross targets under qemu are in tests/cross.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
cc=${CC:-cc}

# run_with_library NAME: runs NAME.c with NAME.wasm as a library, both of $work.
run_with_library() {
  run "$wasmaot" compile --emit=shared --emit-header "$work/$1.h" "$work/$1.wasm" \
    -o "$work/lib$1.so"
  status 0
  run "$cc" -I"$work" "$work/$1.c" -o "$work/$1" "$work/lib$1.so" -Wl,-rpath,"$work"
  status 0
  run "$work/$1"
  status 0
}

"$wasmaot" compile --emit=shared "$guests/hello.wasm" -o "$work/libhello.so" 2>"$work/err"
if grep -qE 'start files|needs lld|no C library' "$work/err"; then
  echo "SKIPPED: $(cat "$work/err")"
  exit 77
fi

if command -v wat2wasm >/dev/null; then
  wat2wasm "$here/shared.wat" -o "$work/shared.wasm"
  run "$wasmaot" compile --emit=shared --emit-header "$work/libshared.h" "$work/shared.wasm" \
    -o "$work/libshared.so"
  status 0
  no_err
  run "$cc" -std=c99 -Wall -Wextra -Werror -I"$work" "$here/shared.c" -o "$work/user" \
    "$work/libshared.so" -Wl,-rpath,"$work"
  status 0
  run "$work/user"
  status 0
  out '0 failures'
  if command -v c++ >/dev/null; then
    run c++ -x c++ -Wall -Wextra -Werror -I"$work" "$here/shared.c" -x none -o "$work/user++" \
      "$work/libshared.so" -Wl,-rpath,"$work"
    status 0
    run "$work/user++"
    status 0
    out '0 failures'
  else
    skip 'no C++ compiler'
  fi
  # Nothing but its own names is seen from outside, and nothing but the C library is needed.
  if command -v readelf >/dev/null; then
    run nm -D --defined-only "$work/libshared.so"
    status 0
    out 'shared_add'
    check 'no other name' test "$(grep -vc ' T shared_' "$work/out")" -eq 0
    run readelf -dWl "$work/libshared.so"
    status 0
    check 'only the C library' test "$(grep NEEDED "$work/out" | grep -vcE 'lib[cm]\.so|ld-')" -eq 0
    check 'nothing is writable and executable' test "$(grep -c RWE "$work/out")" -eq 0
  fi
  mkdir "$work/again"
  "$wasmaot" compile --emit=shared "$work/shared.wasm" -j1 -o "$work/again/libshared.so"
  check 'the same bytes again' cmp "$work/libshared.so" "$work/again/libshared.so"
  # Two libraries in one process have nothing to do with each other.
  "$wasmaot" compile --emit=shared --emit-header "$work/2nd.h" "$work/shared.wasm" -o "$work/2nd.so"
  check 'a name that C cannot have' grep -q '_2nd_add(_2nd \*self' "$work/2nd.h"
  cat >"$work/both.c" <<'END'
#include "libshared.h"
#include "2nd.h"
#include <stdio.h>
int main(void) {
  shared *a = shared_create(NULL, NULL, 0);
  _2nd *b = _2nd_create(NULL, NULL, 0);
  int one = shared_divide(a, 1, 0), two = _2nd_divide(b, 1, 0);
  printf("%d %d %s %s ", one, two, shared_trap(a), _2nd_trap(b));
  printf("%d\n", _2nd_add(b, 3, 4));
  shared_destroy(a);
  _2nd_destroy(b);
}
END
  run "$cc" -I"$work" "$work/both.c" -o "$work/both" "$work/libshared.so" "$work/2nd.so" \
    -Wl,-rpath,"$work"
  status 0
  run "$work/both"
  status 0
  out '0 0 integer divide by zero integer divide by zero 7'
  # Words of the language, and names that are the compiler's, as the library's own.
  for name in int _Bool INT32_MAX pthread; do
    run "$wasmaot" compile --emit=shared --emit-header "$work/name.h" "$work/shared.wasm" \
      -o "$work/lib$name.so"
    status 0
    printf '#include "name.h"\nint main(void) { return 0; }\n' >"$work/name.c"
    run "$cc" -Wall -Wextra -Werror -I"$work" -c "$work/name.c" -o "$work/name.o"
    status 0
  done
  # A large data segment, which is mapped, not copied: for each instance as the file has it.
  awk 'BEGIN {
    printf "(module (memory (export \"m\") 8) (data (i32.const 1000) \""
    for (i = 0; i < 25000; i++) printf "%07d ", i
    print "\"))" }' >"$work/data.wat"
  wat2wasm "$work/data.wat" -o "$work/data.wasm"
  cat >"$work/data.c" <<'END'
#include "data.h"
#include <stdio.h>
#include <string.h>
static int check(data *self) {
  char text[9];
  int wrong = 0;
  for (int i = 0; i < 25000; i++) {
    snprintf(text, sizeof text, "%07d ", i);
    wrong += memcmp(data_m(self, NULL) + 1000 + 8 * i, text, 8) != 0;
  }
  return wrong;
}
static int is_mapped(const void *at) {
  char line[1000];
  unsigned long first, end;
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx", &first, &end) == 2 && first <= (size_t)at && (size_t)at < end)
      found = strstr(line, "libdata.so") != NULL;
  if (maps != NULL)
    fclose(maps);
  return found;
}
int main(void) {
  for (int i = 0; i < 3; i++) {
    data *one = data_create(NULL, NULL, 0), *two = data_create(NULL, NULL, 0);
    printf("%d %d ", check(one), is_mapped(data_m(one, NULL) + 100000));
    memset(data_m(one, NULL), 0, 8 * 65536);
    printf("%d ", check(two));
    data_destroy(one);
    printf("%d\n", check(two));
    data_destroy(two);
  }
}
END
  run_with_library data
  case $(uname -r) in
  [1-4].* | 5.[0-9].* | 5.1[0-2].*) skip 'before Linux 5.13 data is copied' ;;
  *) check 'mapped, and as it was' test "$(sort -u "$work/out")" = '0 1 0 0' ;;
  esac
  # Names that the runtime has, too: a library `wasm` with an export `func_call`.
  printf '(module (func (export "func_call") (result i32) (i32.const 3)))' >"$work/clash.wat"
  wat2wasm "$work/clash.wat" -o "$work/clash.wasm"
  run "$wasmaot" compile --emit=shared "$work/clash.wasm" -o "$work/libwasm.so"
  status 0
  # What C has no way to give.
  printf '(module (import "a" "b" (global i32)))' >"$work/global.wat"
  printf '(module (import "a" "b" (table 1 externref)))' >"$work/reference.wat"
  for module in global reference; do
    wat2wasm "$work/$module.wat" -o "$work/$module.wasm"
    run "$wasmaot" compile --emit=shared "$work/$module.wasm" -o "$work/refused.so"
    status 1
    one_line
    check 'nothing is written' test ! -e "$work/refused.so"
  done
else
  skip 'no wat2wasm'
fi

# References of a type: C is asked what it gives, because compiled code does not ask. The module:
#   (type $n (func (result i32))) (import "env" "give" (func $give (result (ref null $n))))
#   call: (ref null $n) -> i32, must: (ref $n) -> i32, call_given: call_ref $n (call $give)
#   seven: $n, other: (func (param i32)), g: (global (mut (ref null $n))), t: (table 2 (ref null $n))
printf '\000asm\001\000\000\000\001\032\005\140\000\001\177\140\001\177\000\140\001c\000\001'\
'\177\140\001d\000\001\177\140\000\001c\000\002\014\001\003env\004give'\
'\000\004\003\006\005\002\003\000\001\000\004\005\001c\000\000\002\006\007\001c\000\001\320'\
'\000\013\0074\007\004call\000\001\004must\000\002\005seve'\
'n\000\003\005other\000\004\012call\137given\000\005'\
'\001g\003\000\001t\001\000\012\036\005\006\000\040\000\024\000\013\006\000\040\000\024\000'\
'\013\004\000\101\007\013\002\000\013\006\000\020\000\024\000\013' >"$work/typed.wasm"
cat >"$work/typed.c" <<'END'
#include "typed.h"
#include <assert.h>
#include <string.h>
static wasmaot_funcref *given;
static wasmaot_funcref *give(typed *self) { (void)self; return given; }
static int wrong(typed *self) {
  return typed_trap(self) != NULL && strstr(typed_trap(self), "a reference of another type") != NULL;
}
int main(void) {
  struct typed_imports imports = {give};
  struct typed_config config = {.imports = &imports};
  typed *self = typed_create(&config, NULL, 0);
  wasmaot_funcref *seven = typed_func(self, "seven"), *other = typed_func(self, "other");
  assert(typed_call(self, seven) == 7 && typed_must(self, seven) == 7 && !typed_trap(self));
  assert(typed_call(self, other) == 0 && wrong(self));
  assert(typed_must(self, NULL) == 0 && wrong(self));
  assert(typed_call(self, NULL) == 0 && !strcmp(typed_trap(self), "null function reference"));
  typed_g_set(self, other), assert(wrong(self) && typed_g_get(self) == NULL);
  typed_g_set(self, seven), assert(!typed_trap(self) && typed_g_get(self) == seven);
  typed_t_set(self, 0, other), assert(wrong(self) && typed_t_get(self, 0) == NULL);
  typed_t_set(self, 0, seven), assert(!typed_trap(self) && typed_t_get(self, 0) == seven);
  assert(typed_t_grow(self, 1, other) == -1 && wrong(self) && typed_t_size(self) == 2);
  given = seven, assert(typed_call_given(self) == 7);
  given = other, assert(typed_call_given(self) == 0 && wrong(self));
  typed_destroy(self);
}
END
run_with_library typed

# A program: its world is the configuration's, its exit a trap with a status; threads work, too.
cat >"$work/program.c" <<'END'
#include "program.h"
#include <stdio.h>
int main(int argc, char **argv) {
  const char *env[] = {"A=b c", NULL};
  struct program_config config = {.args = (const char *const *)argv, .env = env};
  char error[200];
  (void)argc;
  program *self = program_create(&config, error, sizeof error);
  if (self == NULL) {
    printf("%s\n", error);
    return 1;
  }
  program__start(self);
  fflush(stdout);
  printf("trap: %s, status %d\n", program_trap(self) ? program_trap(self) : "none",
         (int)program_exit_status(self));
  program_destroy(self);
}
END
use() {
  guest=$1
  shift
  "$wasmaot" compile --emit=shared --emit-header "$work/program.h" "$guests/$guest.wasm" \
    -o "$work/libprogram.so" && "$cc" -I"$work" "$work/program.c" -o "$work/program" \
    "$work/libprogram.so" -Wl,-rpath,"$work"
  run "$work/program" "$@"
  status 0
}
use echo one 'two three'
out 'arg 2: two three'
out 'env: A=b c'
use exit 42
out 'exiting'
out 'status 42'
use trap divide
out 'trap: integer divide by zero, status -1'
use demo
out 'all results are right'

for options in '--emit-header=x.h' '--emit=exe --emit-header=x.h' '--emit=shared --run-options=--dir=.'; do
  run "$wasmaot" compile $options "$guests/hello.wasm" -o "$work/wrong"
  status 2
  one_line
done
run env WASMAOT_SYSROOT=/nonexistent "$wasmaot" compile --emit=shared "$guests/hello.wasm" -o "$work/wrong"
status 1
one_line
err 'WASMAOT_SYSROOT'
finish
