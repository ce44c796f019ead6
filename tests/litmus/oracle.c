// What WebAssembly's memory model allows (threads proposal; Watt, Rossberg, Pichon-Pharabod:
// "Weakening WebAssembly", with the repaired rule for sequential consistency).
//
// An outcome says what every read saw, so the writes it read from are known byte by byte, but where
// several wrote the same byte: then each choice is tried. Allowed is an outcome if for some choice
//  - happens-before (program order, an atomic read from an atomic write of the same range, the
//    initial state before and the final state after everything) has no cycle;
//  - no byte is read from a write that happens later, nor from one that another write to it
//    overwrote in between;
//  - an atomic read mixes no two atomic writes of its own range, nor one and the initial state;
//  - there is one order of all atomics that keeps happens-before and in which an atomic that reads
//    from an atomic of the same range reads from the last one, with the two rules for what is
//    already decided by happens-before.
// Everything else is allowed: plain accesses may tear, and atomics of different ranges that overlap
// are only kept in order by happens-before. Out-of-thin-air values have no write to come from.
#include "tests/litmus/program.h"

#include <string.h>

enum { MAX_EVENTS = MAX_THREADS * MAX_OPS + 2, INIT = 0 };

struct event {
  unsigned start, end; // bytes; an empty range for fences
  bool reads, writes, atomic, fence;
  uint8_t read[AREA], written[AREA]; // by address
  int thread;                        // -1 for the initial and the final state
};

struct model {
  struct event events[MAX_EVENTS];
  unsigned count; // the last one is the final state
  uint8_t from[MAX_EVENTS][AREA];
  uint32_t before[MAX_EVENTS]; // events that happen before each: a bit each
  uint8_t fence_order[MAX_EVENTS];
  unsigned fence_count;
  bool fences;
};

static bool covers(const struct event *event, unsigned byte) {
  return event->start <= byte && byte < event->end;
}

static bool same_range(const struct event *a, const struct event *b) {
  return a->start == b->start && a->end == b->end;
}

static bool happens_before(const struct model *model, unsigned a, unsigned b) {
  return (model->before[b] >> a & 1) != 0;
}

// ---- Events ----

static void add_op(struct model *model, const struct op *op, uint64_t seen, unsigned thread) {
  struct event *event = &model->events[model->count++];
  uint64_t value;
  *event = (struct event){.thread = (int)thread, .fence = op->kind == OP_FENCE};
  if (event->fence) {
    return;
  }
  event->start = op->address;
  event->end = op->address + op->width;
  event->atomic = op->atomic;
  event->reads = op_reads(op);
  event->writes = op_writes(op, seen, &value);
  for (unsigned i = 0; i < op->width; i++) {
    event->read[op->address + i] = (uint8_t)(seen >> (8 * i));
    event->written[op->address + i] = (uint8_t)(value >> (8 * i));
  }
}

static void make_events(struct model *model, const struct program *program,
                        const struct outcome *outcome) {
  *model = (struct model){.count = 1};
  model->events[INIT] = (struct event){.end = AREA, .writes = true, .thread = -1};
  for (unsigned t = 0; t < program->thread_count; t++) {
    for (unsigned i = 0; i < program->op_count[t]; i++) {
      add_op(model, &program->ops[t][i], outcome->seen[t][i], t);
    }
  }
  struct event *last = &model->events[model->count++];
  *last = (struct event){.end = AREA, .reads = true, .thread = -1};
  memcpy(last->read, outcome->memory, AREA);
  for (unsigned e = 0; e < model->count; e++) {
    if (model->events[e].fence) {
      model->fence_order[model->fence_count++] = (uint8_t)e;
    }
  }
}

// ---- Happens-before ----

static void close_order(uint32_t *before, unsigned count) {
  for (unsigned k = 0; k < count; k++) {
    for (unsigned e = 0; e < count; e++) {
      if ((before[e] >> k & 1) != 0) {
        before[e] |= before[k];
      }
    }
  }
}

static bool synchronizes(const struct model *model, unsigned w, unsigned r) {
  const struct event *write = &model->events[w], *read = &model->events[r];
  return write->atomic && read->atomic && write->writes && read->reads && same_range(write, read) &&
         model->from[r][read->start] == w;
}

// False when it has a cycle.
static bool make_order(struct model *model) {
  for (unsigned e = 0; e < model->count; e++) {
    const struct event *event = &model->events[e];
    model->before[e] = e == INIT ? 0 : 1u << INIT;
    if (e == model->count - 1) {
      model->before[e] = (1u << e) - 1;
    }
    for (unsigned earlier = 1; earlier < e; earlier++) {
      if (model->events[earlier].thread == event->thread) {
        model->before[e] |= 1u << earlier;
      }
    }
    for (unsigned w = 1; w < model->count - 1; w++) {
      if (w != e && synchronizes(model, w, e)) {
        model->before[e] |= 1u << w;
      }
    }
  }
  for (unsigned i = 0; model->fences && i + 1 < model->fence_count; i++) {
    model->before[model->fence_order[i + 1]] |= 1u << model->fence_order[i];
  }
  close_order(model->before, model->count);
  for (unsigned e = 0; e < model->count; e++) {
    if (happens_before(model, e, e)) {
      return false;
    }
  }
  return true;
}

// ---- Reads ----

static bool read_is_coherent(const struct model *model, unsigned r, unsigned byte) {
  unsigned w = model->from[r][byte];
  if (happens_before(model, r, w)) {
    return false;
  }
  for (unsigned other = 1; other < model->count; other++) {
    if (other != r && other != w && model->events[other].writes &&
        covers(&model->events[other], byte) && happens_before(model, w, other) &&
        happens_before(model, other, r)) {
      return false;
    }
  }
  return true;
}

static bool read_is_whole(const struct model *model, unsigned r) {
  const struct event *read = &model->events[r];
  int whole = -1;
  for (unsigned byte = read->start; read->atomic && byte < read->end; byte++) {
    unsigned w = model->from[r][byte];
    const struct event *write = &model->events[w];
    if (w != INIT && !(write->atomic && same_range(write, read))) {
      continue;
    }
    if (whole >= 0 && whole != (int)w) {
      return false;
    }
    whole = (int)w;
  }
  return true;
}

// ---- The order of atomics ----

// Adds what happens-before already decides; edges[e] are the events that must come before e.
static void decide(const struct model *model, uint32_t edges[MAX_EVENTS]) {
  memcpy(edges, model->before, sizeof model->before);
  for (unsigned r = 1; r < model->count; r++) {
    for (unsigned byte = model->events[r].start;
         model->events[r].reads && byte < model->events[r].end; byte++) {
      unsigned w = model->from[r][byte];
      const struct event *write = &model->events[w], *read = &model->events[r];
      for (unsigned other = 1; other < model->count; other++) {
        const struct event *between = &model->events[other];
        if (other == w || other == r || !between->writes || !between->atomic ||
            !happens_before(model, w, r)) {
          continue;
        }
        if (write->atomic && same_range(write, between) && happens_before(model, other, r)) {
          edges[w] |= 1u << other;
        }
        if (read->atomic && same_range(between, read) && happens_before(model, w, other)) {
          edges[other] |= 1u << r;
        }
      }
    }
  }
}

// The event that `e` reads from is the last of its range among those placed.
static bool reads_last(const struct model *model, const uint8_t *placed, unsigned count,
                       unsigned e) {
  const struct event *read = &model->events[e];
  unsigned w = read->reads ? model->from[e][read->start] : 0;
  if (!read->reads || !synchronizes(model, w, e)) {
    return true;
  }
  for (unsigned i = count; i-- > 0;) {
    const struct event *event = &model->events[placed[i]];
    if (event->atomic && event->writes && same_range(event, read)) {
      return placed[i] == w;
    }
  }
  return false;
}

static bool place(const struct model *model, const uint32_t edges[MAX_EVENTS], uint8_t *placed,
                  unsigned count, uint32_t done) {
  if (count == model->count) {
    return true;
  }
  for (unsigned e = 0; e < model->count; e++) {
    if ((done >> e & 1) != 0 || (edges[e] & ~done) != 0 || !reads_last(model, placed, count, e)) {
      continue;
    }
    placed[count] = (uint8_t)e;
    if (place(model, edges, placed, count + 1, done | 1u << e)) {
      return true;
    }
    // What is no atomic can be placed at once: it stands in nobody's way.
    if (!model->events[e].atomic) {
      return false;
    }
  }
  return false;
}

static bool consistent(struct model *model) {
  uint32_t edges[MAX_EVENTS];
  uint8_t placed[MAX_EVENTS];
  if (!make_order(model)) {
    return false;
  }
  for (unsigned r = 1; r < model->count; r++) {
    if (!model->events[r].reads) {
      continue;
    }
    if (!read_is_whole(model, r)) {
      return false;
    }
    for (unsigned byte = model->events[r].start; byte < model->events[r].end; byte++) {
      if (!read_is_coherent(model, r, byte)) {
        return false;
      }
    }
  }
  decide(model, edges);
  return place(model, edges, placed, 0, 0);
}

// ---- Choices ----

// Every order of the fences from `first` on.
static bool with_fences(struct model *model, unsigned first) {
  if (!model->fences || first + 1 >= model->fence_count) {
    return consistent(model);
  }
  for (unsigned i = first; i < model->fence_count; i++) {
    uint8_t order[MAX_EVENTS];
    memcpy(order, model->fence_order, sizeof order);
    model->fence_order[first] = order[i];
    model->fence_order[i] = order[first];
    bool found = with_fences(model, first + 1);
    memcpy(model->fence_order, order, sizeof order);
    if (found) {
      return true;
    }
  }
  return false;
}

// Every choice of writes for the bytes from (r, byte) on.
static bool choose(struct model *model, unsigned r, unsigned byte) {
  while (r < model->count && (!model->events[r].reads || byte >= model->events[r].end)) {
    r++;
    byte = r < model->count ? model->events[r].start : 0;
  }
  if (r == model->count) {
    return with_fences(model, 0);
  }
  const struct event *read = &model->events[r];
  for (unsigned w = 0; w < model->count; w++) {
    const struct event *write = &model->events[w];
    if (w == r || !write->writes || !covers(write, byte) ||
        write->written[byte] != read->read[byte]) {
      continue;
    }
    model->from[r][byte] = (uint8_t)w;
    if (choose(model, r, byte + 1)) {
      return true;
    }
  }
  return false;
}

bool outcome_allowed(const struct program *program, const struct outcome *outcome, bool fences) {
  struct model model;
  make_events(&model, program, outcome);
  model.fences = fences;
  return choose(&model, 1, model.events[1].start);
}
