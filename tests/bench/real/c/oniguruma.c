// Oniguruma: searches a text for patterns of several kinds, with groups.
#include "text.h"

#include <oniguruma.h>
#include <string.h>

enum { SIZE = 400000 };

const uint32_t bench_rounds = 1;

static const char *const patterns[] = {
    "(con|gra|sto)[a-z]*ter\\b",     "\\b([a-z]{3,6})\\s+([a-z]{3,6})\\s+\\1\\b",
    "(?<=, )un[a-z]+(?=[.;])",       "([^.;]*)\\bperlo\\b([^.;]*)[.;]",
    "(?i)\\b(BA|DE)(?:con|men)+\\b", "^[a-z]+ (?:[a-z]+ ){5,9}[a-z]+$",
    "(a|e|o)(?!n)[a-z]\\1",
};

static uint64_t search(regex_t *regex, const UChar *text, uint64_t sum) {
  OnigRegion *region = onig_region_new();
  const UChar *end = text + SIZE;
  const UChar *at = text;
  while (onig_search(regex, text, end, at, end, region, ONIG_OPTION_NONE) >= 0) {
    for (int i = 0; i < region->num_regs; i++) {
      sum = bench_mix(sum, (uint64_t)(region->end[i] - region->beg[i]) + (uint64_t)region->beg[i]);
    }
    at = text + region->end[0] + (region->end[0] == region->beg[0]);
    onig_region_clear(region);
    if (at >= end) {
      break;
    }
  }
  onig_region_free(region, 1);
  return sum;
}

uint64_t bench(uint32_t rounds) {
  OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
  UChar *text = bench_alloc(SIZE);
  uint64_t sum = 0;
  onig_initialize(encodings, 1);
  for (uint32_t i = 0; i < rounds; i++) {
    text_fill((char *)text, SIZE, i);
    for (size_t j = 0; j < sizeof patterns / sizeof *patterns; j++) {
      const UChar *pattern = (const UChar *)patterns[j];
      regex_t *regex = NULL;
      OnigErrorInfo info;
      if (onig_new(&regex, pattern, pattern + strlen(patterns[j]), ONIG_OPTION_NONE,
                   ONIG_ENCODING_UTF8, ONIG_SYNTAX_PERL_NG, &info) != ONIG_NORMAL) {
        bench_fail(patterns[j]);
      }
      sum = search(regex, text, sum);
      onig_free(regex);
    }
  }
  onig_end();
  return sum;
}
