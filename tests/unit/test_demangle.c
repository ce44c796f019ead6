// What functions of Rust and C++ are called, and what is no name at all.
#include "compiler/demangle/demangle.h"
#include "tests/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  const char *readable; // NULL: stays as it is
} cases[] = {
    // Rust, legacy.
    {"_ZN4main4work17h0123456789abcdefE", "main::work"},
    {"_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h"
     "00000000000000ffE",
     "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop"},
    {"_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h3a6912dedf29d584E",
     "core::ops::function::FnOnce::call_once{{vtable.shim}}"},
    {"_ZN3foo17h0123456789abcdefE.llvm.1234", "foo"},
    // Rust, v0: the examples of RFC 2603, and one of each form.
    {"_RNvCs15kBYyAo9fc_7mycrate7example", "mycrate::example"},
    {"_RNvNtCs15kBYyAo9fc_7mycrate3foo3bar", "mycrate::foo::bar"},
    {"_RNCNvCs15kBYyAo9fc_7mycrate4main0", "mycrate::main::{closure#0}"},
    {"_RNvMCs15kBYyAo9fc_7mycrateNtB2_3Foo3bar", "<mycrate::Foo>::bar"},
    {"_RNvXCs15kBYyAo9fc_7mycrateNtB2_3FooNtB2_3Bar3baz", "<mycrate::Foo as mycrate::Bar>::baz"},
    {"_RINvCs15kBYyAo9fc_7mycrate3foolhEB2_", "mycrate::foo::<i32, u8>"},
    {"_RINvC1a1bRShQTjbEPeOdFG_RL0_mEuAcj4_E",
     "a::b::<&[u8], &mut (usize, bool), *const str, *mut f64, for<'a> fn(&'a u32), [char; 4]>"},
    {"_RINvC1a1bFUKCEuE", "a::b::<unsafe extern \"C\" fn()>"},
    {"_RINvC1a1bKb1_Kc7a_Kan5_Kp0E", NULL},
    {"_RINvC1a1bKb1_Kc7a_Kan5_KpE", "a::b::<true, 'z', -5, _>"},
    {"_RINvC1a1bDNtB2_1TNtB2_4SendEL_E", "a::b::<dyn a::T + a::Send>"},
    {"_RINvC1a1bDIFooEL_E", NULL},
    {"_RINvC1a1bTlEE", "a::b::<(i32,)>"},
    {"_RNvC1au9bcher-kva", "a::punycode{bcher-kva}"},
    {"_RNvC1aB", NULL},
    {"_RNvB_1a", NULL}, // names itself
    {"_RNvC99999999999999999999a", NULL},
    // C++.
    {"_Z1fv", "f()"},
    {"_ZN3app6Server5startEiPKc", "app::Server::start(int, char const*)"},
    {"_ZNK3app6Server4sizeEv", "app::Server::size() const"},
    {"_ZN3app6ServerC2ERKS0_", "app::Server::Server(app::Server const&)"},
    {"_ZN3app6ServerD0Ev", "app::Server::~Server()"},
    {"_ZNSt6vectorIiSaIiEE9push_backEOi",
     "std::vector<int, std::allocator<int> >::push_back(int&&)"},
    {"_Z3addIdET_S0_S0_", "double add<double>(double, double)"},
    {"_Z3allIJicPvEEvDpT_", "void all<int, char, void*>(int, char, void*)"},
    {"_Z3allIJEEvDpT_", "void all<>()"},
    {"_Z4sortPiPFbiiE", "sort(int*, bool (*)(int, int))"},
    {"_Z1fRA3_A4_i", "f(int (&) [3][4])"},
    {"_Z1fM1AFivE", "f(int (A::*)())"},
    {"_Z1fM1Ai", "f(int A::*)"},
    {"_ZN1AcvbEv", "A::operator bool()"},
    {"_ZN1AplERKS_", "A::operator+(A const&)"},
    {"_Zli3_kmy", "operator\"\" _km(unsigned long long)"},
    {"_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()"},
    {"_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"},
    {"_ZZ1fiENKUlT_E0_clIcEEDaS_", NULL},
    {"_ZZ1fvE1x_0", "f()::x"},
    {"_ZThn8_N1B1fEv", "non-virtual thunk to B::f()"},
    {"_ZTW1x", "TLS wrapper function for x"},
    {"_ZTV1A", "vtable for A"},
    {"_Z1fILi5ELb1ELj3EEvv", "void f<5, true, 3u>()"},
    {"_Z1fB5cxx11v", "f[abi:cxx11]()"},
    {"_ZNSsC1EPKc", "std::basic_string<char, std::char_traits<char>, std::allocator<char> "
                    ">::basic_string(char const*)"},
    {"_Z1fv.cold", "f() [.cold]"},
    {"_ZNKR1A1fEv", "A::f() const &"},
    {"_Z1fS_", NULL}, // there is nothing to name yet
    {"_Z1fT_", NULL}, // and no argument
    {"_Z1fIXadL_Z1gvEEEvv", NULL},
    {"_Z9f", NULL},
    {"_Z", NULL},
    {"_R", NULL},
    {"_ZN", NULL},
    {"main", NULL},
    {"", NULL},
};

START_TEST(reads_a_name) {
  char got[WA_DEMANGLED_SIZE];
  size_t size = strlen(cases[_i].name);
  // A copy of the exact size, so that a sanitizer sees every read behind it.
  uint8_t *name = malloc(size + 1);
  memcpy(name, cases[_i].name, size);
  bool read = wa_demangle((struct wa_bytes){name, size}, got);
  free(name);
  ck_assert_str_eq(read ? got : "(unread)",
                   cases[_i].readable == NULL ? "(unread)" : cases[_i].readable);
}
END_TEST

// Every beginning of every name, and every name with one byte changed, is a name or is not.
START_TEST(bears_damage) {
  char got[WA_DEMANGLED_SIZE];
  size_t size = strlen(cases[_i].name);
  uint8_t *name = malloc(size + 1);
  for (size_t at = 0; at < size; at++) {
    for (unsigned byte = 0; byte < 256; byte++) {
      memcpy(name, cases[_i].name, size);
      name[at] = (uint8_t)byte;
      if (wa_demangle((struct wa_bytes){name, size}, got)) {
        ck_assert_uint_lt(strlen(got), WA_DEMANGLED_SIZE);
      }
    }
    (void)wa_demangle((struct wa_bytes){name, at}, got);
  }
  free(name);
}
END_TEST

// Names whose text doubles with every few bytes, and ones that nest: refused, and soon.
static size_t doubling(char *name, const char *start, const char *step, const char *end) {
  size_t size = 0, length = strlen(step);
  memcpy(name, start, strlen(start));
  size += strlen(start);
  for (int i = 0; i < 2000; i++, size += length) {
    memcpy(name + size, step, length);
  }
  memcpy(name + size, end, strlen(end));
  return size + strlen(end);
}

START_TEST(refuses_what_grows) {
  static const char *const shapes[][3] = {
      {"_Z1f", "P", "i"},          {"_Z1f", "1AI", "E"},     {"_Z1fI1AE", "S_I", "E"},
      {"_Z1f", "N1A", "E"},        {"_Z1f", "Z1gv", "E"},    {"_Z1f", "FvPFv", "E"},
      {"_RINvC1a1b", "TB2_", "E"}, {"_RNvC1a1b", "RR", "h"}, {"_RINvC1a1b", "INvB_1c", "E"},
      {"_RINvC1a1b", "DB2_", "E"}, {"_RNv", "Nv", "C1a1b"},  {"_Z1fI", "J", "E"},
  };
  char name[8192 * 2], got[WA_DEMANGLED_SIZE];
  size_t size = doubling(name, shapes[_i][0], shapes[_i][1], shapes[_i][2]);
  ck_assert_uint_le(size, sizeof name);
  ck_assert(!wa_demangle((struct wa_bytes){(uint8_t *)name, size}, got));
}
END_TEST

// The shortest names that would say the most: each part names the one before twice.
START_TEST(refuses_what_doubles) {
  static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  char name[1024] = "_Z1f1AIiiE", got[WA_DEMANGLED_SIZE];
  for (int i = 0; i < 30; i++) {
    char part[32];
    char at[3] = "_";
    if (i > 0) {
      (void)snprintf(at, sizeof at, "%c_", digits[i - 1]);
    }
    (void)snprintf(part, sizeof part, "S_IS%sS%sE", at, at);
    strcat(name, part);
  }
  ck_assert(!wa_demangle((struct wa_bytes){(uint8_t *)name, strlen(name)}, got));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("demangle");
  TCase *tests = tcase_create("names");
  int count = (int)(sizeof cases / sizeof *cases);
  tcase_add_loop_test(tests, reads_a_name, 0, count);
  tcase_add_loop_test(tests, bears_damage, 0, count);
  tcase_add_loop_test(tests, refuses_what_grows, 0, 12);
  tcase_add_test(tests, refuses_what_doubles);
  suite_add_tcase(suite, tests);
  return run_suite(suite);
}
