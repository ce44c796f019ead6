// QuickJS: runs work.js, whose function gives a number for each round.
#include "text.h"
#include "work.js.h"

#include <quickjs.h>
#include <stdio.h>
#include <string.h>

const uint32_t bench_rounds = 10;

static JSValue check(JSContext *context, JSValue value) {
  if (JS_IsException(value)) {
    JSValue problem = JS_GetException(context);
    const char *text = JS_ToCString(context, problem);
    (void)fprintf(stderr, "%s\n", text != NULL ? text : "?");
    bench_fail("QuickJS");
  }
  return value;
}

uint64_t bench(uint32_t rounds) {
  char script[sizeof work_js + 1];
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = runtime == NULL ? NULL : JS_NewContext(runtime);
  if (context == NULL) {
    bench_fail("no memory");
  }
  // The parser wants an end mark behind the text.
  memcpy(script, work_js, sizeof work_js);
  script[sizeof work_js] = '\0';
  JSValue work = check(context, JS_Eval(context, script, sizeof work_js, "work.js", 0));
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    JSValue round = JS_NewUint32(context, i);
    JSValue result = check(context, JS_Call(context, work, JS_UNDEFINED, 1, &round));
    double number = 0;
    if (JS_ToFloat64(context, &number, result) != 0) {
      bench_fail("no number");
    }
    sum = bench_mix(sum, bench_bits(number));
    JS_FreeValue(context, result);
  }
  JS_FreeValue(context, work);
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
  return sum;
}
