// As much of a C++ runtime as clang's code for exceptions on wasm32 asks for.
using size_t = __SIZE_TYPE__;
using byte = unsigned char;

// The types that guests throw; only their addresses matter.
extern "C" {
int type_of_int asm("_ZTIi"), type_of_long_long asm("_ZTIx"), type_of_double asm("_ZTId");
const void *class_vtable[8] asm("_ZTVN10__cxxabiv117__class_type_infoE");
}

namespace {
enum { HEADER = 16, HANDLERS = 64 };

struct Exception {
  const void *type;
  int handlers, used;
};

static_assert(sizeof(Exception) <= HEADER);

alignas(16) byte slots[64][64];
bool taken[64];
Exception *handled[HANDLERS];
int handled_count;

Exception *header_of(void *object) {
  return reinterpret_cast<Exception *>(static_cast<byte *>(object) - HEADER);
}

void *object_of(Exception *exception) {
  return reinterpret_cast<byte *>(exception) + HEADER;
}

void release(Exception *exception) {
  taken[(reinterpret_cast<byte *>(exception) - slots[0]) / sizeof slots[0]] = false;
}

unsigned uleb(const byte *&at) {
  unsigned value = 0, shift = 0;
  do {
    value |= (*at & 0x7fu) << shift;
    shift += 7;
  } while (*at++ & 0x80);
  return value;
}

int sleb(const byte *&at) {
  unsigned shift = 0, value = 0;
  byte last;
  do {
    last = *at++;
    value |= (last & 0x7fu) << shift;
    shift += 7;
  } while (last & 0x80);
  return static_cast<int>(last & 0x40 && shift < 32 ? value | ~0u << shift : value);
}

// The selector of the first clause of a landing pad that takes the type: the Itanium C++ ABI's LSDA
// with wasm's call-site table, whose rows are the numbers of landing pads.
int find_selector(const byte *lsda, unsigned pad, const void *type) {
  const byte *at = lsda + 2; // encodings: no start of landing pads, types as pointers
  unsigned types_offset = uleb(at);
  const byte *types = at + types_offset;
  at++; // encoding of the call sites
  unsigned length = uleb(at);
  const byte *actions = at + length, *end = actions;
  while (at < end) {
    unsigned site = uleb(at), action = uleb(at);
    if (site != pad)
      continue;
    for (const byte *row = actions + action - 1; action;) {
      int filter = sleb(row);
      const byte *next = row;
      int distance = sleb(row);
      if (filter <= 0)
        return filter;
      const void *wanted = reinterpret_cast<const void *const *>(types)[-filter];
      if (!wanted || wanted == type)
        return filter;
      if (!distance)
        return 0;
      row = next + distance;
    }
  }
  return 0;
}
} // namespace

extern "C" {
// Clang's code finds it in the thread's own data where there are threads.
thread_local struct {
  int pad;
  const byte *lsda;
  int selector;
} __wasm_lpad_context;

int _Unwind_CallPersonality(void *object) {
  __wasm_lpad_context.selector =
      find_selector(__wasm_lpad_context.lsda, static_cast<unsigned>(__wasm_lpad_context.pad),
                    header_of(object)->type);
  return 0;
}

void *__cxa_allocate_exception(size_t) {
  for (int i = 0; i < 64; i++)
    if (!taken[i]) {
      taken[i] = true;
      Exception *exception = reinterpret_cast<Exception *>(slots[i]);
      *exception = {nullptr, 0, 0};
      return object_of(exception);
    }
  __builtin_trap();
}

[[noreturn]] void __cxa_throw(void *object, void *type, void (*)(void *)) {
  header_of(object)->type = type;
  __builtin_wasm_throw(0, object);
}

void *__cxa_begin_catch(void *object) {
  Exception *exception = header_of(object);
  exception->handlers++;
  if (handled_count == HANDLERS)
    __builtin_trap();
  handled[handled_count++] = exception;
  return object;
}

void __cxa_end_catch() {
  Exception *exception = handled[--handled_count];
  if (--exception->handlers == 0 && !exception->used)
    release(exception);
  exception->used = 0;
}

[[noreturn]] void __cxa_rethrow() {
  Exception *exception = handled[handled_count - 1];
  exception->used = 1; // on its way again when its clause ends
  __builtin_wasm_throw(0, object_of(exception));
}

int __gxx_wasm_personality_v0(...) {
  return 0;
}

[[noreturn]] void terminate() asm("_ZSt9terminatev");
[[noreturn]] void terminate() {
  __builtin_trap();
}
}
