#include "compiler/artifact/data_places.h"

// Below this the runtime copies anyway.
enum { MAPPED = 64 * 1024 };

static bool is_fixed(const struct wa_data *data) {
  return data->mode == WA_SEGMENT_ACTIVE && data->offset.kind == WA_EXPR_CONST;
}

static uint64_t end_of(const struct wa_data *data) {
  return data->offset.bits[0] + data->bytes.size;
}

// A run of segments: what is between them is as good as zeros in memory, too, because nothing has
// been put so far up before.
struct run {
  uint64_t bytes;
  uint64_t gaps;
};

// No gap of a page, and not more zeros than bytes: a module must not make an object of any size.
static bool extends(const struct run *run, const struct wa_data *last, const struct wa_data *data,
                    uint64_t highest) {
  if (!is_fixed(data) || data->memory != last->memory) {
    return false;
  }
  uint64_t gap = data->offset.bits[0] - end_of(last);
  return gap < WA_DATA_ALIGNMENT && run->gaps + gap <= run->bytes + WA_DATA_ALIGNMENT &&
         (gap == 0 || end_of(last) >= highest);
}

static uint64_t higher(uint64_t highest, const struct wa_data *data) {
  return end_of(data) > highest ? end_of(data) : highest;
}

// Finds the end of the run that begins with the next segment, and its place.
static void begin_run(struct wa_data_places *places) {
  const struct wa_module *module = places->module;
  const struct wa_data *last = &module->datas[places->next];
  struct run run = {.bytes = last->bytes.size};
  uint32_t end = places->next + 1;
  if (is_fixed(last)) {
    uint64_t offset = last->offset.bits[0];
    places->highest = higher(places->highest, last);
    for (; end < module->data_count; end++) {
      const struct wa_data *data = &module->datas[end];
      if (!extends(&run, last, data, places->highest)) {
        break;
      }
      run.bytes += data->bytes.size;
      run.gaps += data->offset.bits[0] - end_of(last);
      places->highest = higher(places->highest, data);
      last = data;
    }
    if (run.bytes + run.gaps >= MAPPED) {
      places->end += (offset - places->end) & (WA_DATA_ALIGNMENT - 1);
    }
    places->distance = places->end - offset;
  }
  places->run_end = end;
}

struct wa_data_places wa_data_places_start(const struct wa_module *module) {
  return (struct wa_data_places){.module = module};
}

uint64_t wa_data_places_next(struct wa_data_places *places) {
  const struct wa_data *data = &places->module->datas[places->next];
  if (places->next == places->run_end) {
    begin_run(places);
  }
  uint64_t first = is_fixed(data) ? data->offset.bits[0] + places->distance : places->end;
  places->end = first + data->bytes.size;
  places->next++;
  return first;
}
