#include "runtime/group/report.h"

#include "runtime/call/trap.h"
#include "runtime/code/code.h"

#include <stdlib.h>

struct row {
  int32_t tid;
  struct wa_thread *thread;
  bool withdrawn;
  struct wa_snapshot snapshot;
};

struct wa_report {
  uint32_t count; // of the rows, of which those from `first` on are in use
  uint32_t first;
  wa_snapshot_fn *take;
  struct wa_trap stack;
  struct row rows[];
};

struct wa_report *wa_report_new(uint32_t count, wa_snapshot_fn *take) {
  struct wa_report *report = calloc(1, sizeof *report + count * sizeof report->rows[0]);
  if (report != NULL) {
    report->count = report->first = count;
    report->take = take;
  }
  return report;
}

void wa_report_ask(struct wa_report *report, int32_t tid, struct wa_thread *thread) {
  struct row *row = &report->rows[--report->first];
  row->tid = tid;
  row->thread = thread;
  row->snapshot.take = report->take;
  wa_snapshot_ask(thread, &row->snapshot);
}

static bool is_asked(struct row *row) {
  return atomic_load(&row->snapshot.state) == WA_SNAPSHOT_ASKED;
}

bool wa_report_is_complete(struct wa_report *report) {
  bool complete = true;
  for (uint32_t i = report->first; i < report->count; i++) {
    struct row *row = &report->rows[i];
    if (is_asked(row)) {
      wa_snapshot_remind(row->thread);
      complete = false;
    }
  }
  return complete;
}

void wa_report_close(struct wa_report *report) {
  for (uint32_t i = report->first; i < report->count; i++) {
    struct row *row = &report->rows[i];
    row->withdrawn = is_asked(row) && wa_snapshot_withdraw(row->thread, &row->snapshot);
  }
}

static uint64_t nanoseconds(const struct timespec *time) {
  return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

// Where the innermost frame is no function's but what calls out of one for it.
static bool calls_host(const struct wa_fault *stack) {
  const struct wa_raw_frame *frame = &stack->frames[0];
  const struct wa_meta_code *row =
      stack->frame_count == 0 ? NULL : wa_code_row(frame->code, frame->text_offset);
  return row != NULL && row->kind == WA_CODE_EXIT;
}

static void tell(struct wa_report *report, struct row *row, struct wa_thread_place *place,
                 void (*hook)(void *arg, const struct wa_thread_place *place), void *arg) {
  const struct wa_snapshot *snapshot = &row->snapshot;
  wa_trap_init(&report->stack, WA_TRAP_NONE);
  place->tid = row->tid;
  place->answered = !row->withdrawn;
  place->stack = &report->stack;
  place->called = false;
  place->waits_at = NULL;
  if (place->answered) {
    place->called = calls_host(&snapshot->stack);
    place->waits_at = snapshot->parked.address;
    place->waited = nanoseconds(&snapshot->now) - (uint64_t)snapshot->parked.since;
    place->cpu = nanoseconds(&snapshot->cpu);
    wa_trap_add_frames(&report->stack, &snapshot->stack);
  }
  hook(arg, place);
  place->number++;
}

static bool is_left(struct row *row) {
  return atomic_load(&row->snapshot.state) != WA_SNAPSHOT_GONE;
}

void wa_report_tell(struct wa_report *report,
                    void (*hook)(void *arg, const struct wa_thread_place *place), void *arg) {
  struct wa_thread_place place = {.number = 0};
  for (uint32_t i = report->first; i < report->count; i++) {
    place.count += is_left(&report->rows[i]);
  }
  for (uint32_t i = report->first; i < report->count; i++) {
    if (is_left(&report->rows[i])) {
      tell(report, &report->rows[i], &place, hook, arg);
    }
  }
  free(report);
}
