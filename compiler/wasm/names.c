// The custom sections that wasmaot reads: name (core spec 7.4), producers and target_features (tool
// conventions), and branch hints (branch-hinting proposal).
#include "compiler/wasm/decode.h"

#include <string.h>

enum { SUBSECTION_MODULE = 0, SUBSECTION_FUNCTIONS = 1 };

// Custom sections never make a module fail: errors end the reading and are dropped.
struct quiet {
  struct wa_reader reader;
  struct wa_error err;
};

static struct quiet quiet_reader(struct wa_bytes section) {
  struct quiet quiet = {.reader = {section.data, 0, section.size}};
  return quiet;
}

static bool read_u32(struct quiet *quiet, uint32_t *value) {
  return wa_reader_number(&quiet->reader, "number", value, &quiet->err);
}

static bool read_name(struct quiet *quiet, struct wa_bytes *name) {
  return wa_reader_name(&quiet->reader, "name", name, &quiet->err);
}

// The next subsection of a name section: id and contents.
static bool read_subsection(struct quiet *section, uint8_t *id, struct wa_bytes *contents) {
  uint32_t size;
  return wa_reader_left(&section->reader) &&
         wa_reader_byte(&section->reader, "subsection", id, &section->err) &&
         read_u32(section, &size) &&
         wa_reader_bytes(&section->reader, size, "subsection", contents, &section->err);
}

static void read_function_names(struct wa_module *module, struct wa_bytes contents) {
  struct quiet map = quiet_reader(contents);
  uint32_t count, index;
  struct wa_bytes name;
  if (!read_u32(&map, &count)) {
    return;
  }
  while (count-- && read_u32(&map, &index) && read_name(&map, &name)) {
    if (index < module->function_count) {
      module->functions[index].name = name;
    }
  }
}

void wa_read_name_section(struct wa_module *module, struct wa_bytes section) {
  struct quiet names = quiet_reader(section);
  uint8_t id;
  struct wa_bytes contents;
  while (read_subsection(&names, &id, &contents)) {
    if (id == SUBSECTION_MODULE) {
      struct quiet subsection = quiet_reader(contents);
      struct wa_bytes name;
      if (read_name(&subsection, &name)) {
        module->name = name;
      }
    } else if (id == SUBSECTION_FUNCTIONS) {
      read_function_names(module, contents);
    }
  }
}

static bool find_in_name_section(struct wa_bytes section, uint32_t function,
                                 struct wa_bytes *name) {
  struct quiet names = quiet_reader(section);
  uint8_t id;
  struct wa_bytes contents;
  while (read_subsection(&names, &id, &contents)) {
    if (id != SUBSECTION_FUNCTIONS) {
      continue;
    }
    struct quiet map = quiet_reader(contents);
    uint32_t count, index;
    if (!read_u32(&map, &count)) {
      continue;
    }
    while (count-- && read_u32(&map, &index) && read_name(&map, name)) {
      if (index == function) {
        return name->size != 0;
      }
    }
  }
  return false;
}

bool wa_find_function_name(struct wa_bytes file, size_t position, uint32_t function,
                           struct wa_bytes *name) {
  struct quiet sections = quiet_reader(file);
  sections.reader.position = position;
  uint8_t id;
  struct wa_bytes contents, title;
  while (read_subsection(&sections, &id, &contents)) {
    if (id != 0) {
      continue;
    }
    struct quiet custom = quiet_reader(contents);
    if (!read_name(&custom, &title) || title.size != 4 || memcmp(title.data, "name", 4) != 0) {
      continue;
    }
    size_t at = custom.reader.position;
    struct wa_bytes section = {contents.data + at, contents.size - at};
    if (find_in_name_section(section, function, name)) {
      return true;
    }
  }
  return false;
}

// Walks a producers section: calls store with each triple.
static void walk_producers(struct wa_bytes section,
                           void (*store)(struct wa_module *, const struct wa_producer *),
                           struct wa_module *module) {
  struct quiet quiet = quiet_reader(section);
  uint32_t fields, values;
  struct wa_producer producer;
  if (!read_u32(&quiet, &fields)) {
    return;
  }
  while (fields--) {
    if (!read_name(&quiet, &producer.field) || !read_u32(&quiet, &values)) {
      return;
    }
    while (values--) {
      if (!read_name(&quiet, &producer.name) || !read_name(&quiet, &producer.version)) {
        return;
      }
      store(module, &producer);
    }
  }
}

static void count_producer(struct wa_module *module, const struct wa_producer *producer) {
  (void)producer;
  module->producer_count++;
}

static void store_producer(struct wa_module *module, const struct wa_producer *producer) {
  module->producers[module->producer_count++] = *producer;
}

void wa_read_producers(struct wa_module *module, struct wa_bytes section) {
  walk_producers(section, count_producer, module);
  module->producers =
      wa_arena_alloc(&module->arena, module->producer_count, sizeof *module->producers);
  module->producer_count = 0;
  if (module->producers) {
    walk_producers(section, store_producer, module);
  }
}

void wa_read_target_features(struct wa_module *module, struct wa_bytes section) {
  struct quiet quiet = quiet_reader(section);
  uint32_t count;
  if (!wa_reader_count(&quiet.reader, "target features", 2, &count, &quiet.err)) {
    return;
  }
  module->target_features = wa_arena_alloc(&module->arena, count, sizeof *module->target_features);
  if (!module->target_features) {
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    struct wa_target_feature *feature = &module->target_features[i];
    uint8_t prefix;
    if (!wa_reader_byte(&quiet.reader, "prefix", &prefix, &quiet.err) ||
        !read_name(&quiet, &feature->name)) {
      return;
    }
    feature->prefix = (char)prefix;
    module->target_feature_count = i + 1;
  }
}

// ---- Branch hints ----

// The hints of one function, whose offsets count from where its locals begin.
static bool read_function_hints(struct wa_module *module, struct quiet *section,
                                const struct wa_function *function) {
  uint32_t count, offset, size, previous = 0;
  uint8_t taken;
  if (!read_u32(section, &count)) {
    return false;
  }
  for (; count; count--, previous = offset) {
    if (!read_u32(section, &offset) || !read_u32(section, &size) || size != 1 ||
        !wa_reader_byte(&section->reader, "hint", &taken, &section->err)) {
      return false;
    }
    if (taken > 1 || offset <= previous || offset >= function->end_offset - function->body_offset) {
      return false;
    }
    module->branch_hints[module->branch_hint_count++] =
        (struct wa_branch_hint){(uint32_t)function->body_offset + offset, taken};
  }
  return true;
}

void wa_read_branch_hints(struct wa_module *module, struct wa_bytes section) {
  struct quiet hints = quiet_reader(section);
  uint32_t count, index, next = module->imported_functions;
  module->branch_hints =
      wa_arena_alloc(&module->arena, section.size / 3, sizeof *module->branch_hints);
  if (!module->branch_hints || !read_u32(&hints, &count)) {
    return;
  }
  for (; count && read_u32(&hints, &index); count--, next = index + 1) {
    if (index < next || index >= module->function_count ||
        !read_function_hints(module, &hints, &module->functions[index])) {
      return;
    }
  }
}
