#include "debug_source.h"
#include "lower.h"

#include <llvm-c/DebugInfo.h>
#include <stdio.h>
#include <string.h>

struct wa_lower_debug {
  const struct wa_source *source;
  LLVMDIBuilderRef builder;
  LLVMMetadataRef file, function_type, word, no_expression;
  LLVMAttributeRef no_merge;
};

static void add_flag(struct wa_lower *lower, const char *name, unsigned value) {
  LLVMValueRef number = wa_lower_const_i32(lower, value);
  LLVMAddModuleFlag(lower->ir, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                    LLVMValueAsMetadata(number));
}

// DWARF 4, because in it every address and offset stands where it is used.
void wa_lower_debug_init(struct wa_lower *lower, const struct wa_source *source) {
  enum { DWARF_VERSION = 4, ENCODING_UNSIGNED = 7 };
  struct wa_lower_debug *debug = wa_lower_alloc(&lower->arena, 1, sizeof *debug);
  LLVMDIBuilderRef builder = LLVMCreateDIBuilder(lower->ir);
  add_flag(lower, "Debug Info Version", LLVMDebugMetadataVersion());
  add_flag(lower, "Dwarf Version", DWARF_VERSION);
  debug->source = source;
  debug->builder = builder;
  debug->file = LLVMDIBuilderCreateFile(builder, "wasm", 4, "", 0);
  LLVMDIBuilderCreateCompileUnit(builder, LLVMDWARFSourceLanguageC99, debug->file, "", 0, false, "",
                                 0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false, "", 0, "", 0);
  debug->function_type = LLVMDIBuilderCreateSubroutineType(builder, debug->file, NULL, 0, 0);
  debug->word = LLVMDIBuilderCreateBasicType(builder, "w", 1, 64, ENCODING_UNSIGNED, 0);
  debug->no_expression = LLVMDIBuilderCreateExpression(builder, NULL, 0);
  debug->no_merge =
      LLVMCreateEnumAttribute(lower->context, LLVMGetEnumAttributeKindForName("nomerge", 7), 0);
  lower->debug = debug;
}

void wa_lower_debug_end(struct wa_lower *lower) {
  if (!lower->debug)
    return;
  LLVMDIBuilderFinalize(lower->debug->builder);
  LLVMDisposeDIBuilder(lower->debug->builder);
}

static unsigned line_of(const struct wa_lower_function *f, size_t position) {
  return (unsigned)(position - f->lower->debug->source->code_start + 1);
}

// A slot that LLVM leaves alone, because it is written by volatile stores only: wherever code
// stops, the debugger finds the frame.
static void make_frame_slot(struct wa_lower_function *f, unsigned line) {
  struct wa_lower *lower = f->lower;
  struct wa_lower_debug *debug = lower->debug;
  uint32_t local = f->debug.frame_local;
  if (local >= f->local_count || lower->module->memory_count == 0 ||
      (f->local_types[local] != lower->i32 && f->local_types[local] != lower->i64))
    return;
  f->debug.frame_slot = LLVMBuildAlloca(lower->builder, lower->i64, "");
  LLVMSetVolatile(LLVMBuildStore(lower->builder, wa_lower_const_i64(lower, 0), f->debug.frame_slot),
                  true);
  LLVMMetadataRef variable =
      LLVMDIBuilderCreateAutoVariable(debug->builder, f->debug.scope, "f", 1, debug->file, line,
                                      debug->word, true, LLVMDIFlagZero, 0);
  WA_INSERT_DECLARE(debug->builder, f->debug.frame_slot, variable, debug->no_expression,
                    f->debug.location, LLVMGetInsertBlock(lower->builder));
}

void wa_debug_enter(struct wa_lower_function *f, uint32_t function) {
  struct wa_lower_debug *debug = f->lower->debug;
  if (!debug)
    return;
  char name[16];
  size_t size = (size_t)snprintf(name, sizeof name, "f%u", function);
  unsigned line = line_of(f, f->function->body_offset);
  f->debug.scope =
      LLVMDIBuilderCreateFunction(debug->builder, debug->file, name, size, "", 0, debug->file, line,
                                  debug->function_type, true, true, line, LLVMDIFlagZero, true);
  LLVMSetSubprogram(f->llvm, f->debug.scope);
  f->debug.location =
      LLVMDIBuilderCreateDebugLocation(f->lower->context, line, 0, f->debug.scope, NULL);
  f->debug.frame_local = debug->source->frame_locals[function];
  make_frame_slot(f, line);
}

void wa_debug_set_location(struct wa_lower_function *f) {
  if (f->debug.scope)
    LLVMSetCurrentDebugLocation2(f->lower->builder, f->debug.location);
}

void wa_debug_instr(struct wa_lower_function *f, size_t position) {
  if (!f->debug.scope)
    return;
  f->debug.location = LLVMDIBuilderCreateDebugLocation(f->lower->context, line_of(f, position), 0,
                                                       f->debug.scope, NULL);
  wa_debug_set_location(f);
}

void wa_debug_leave(struct wa_lower_function *f) {
  if (f->debug.scope)
    LLVMSetCurrentDebugLocation2(f->lower->builder, NULL);
}

void wa_debug_local_set(struct wa_lower_function *f, uint32_t local, LLVMValueRef value) {
  if (!f->debug.frame_slot || local != f->debug.frame_local)
    return;
  struct wa_lower *lower = f->lower;
  LLVMValueRef offset = wa_index_widen(f, value);
  LLVMValueRef base = LLVMBuildPtrToInt(lower->builder, wa_memory_start(f, 0), lower->i64, "");
  LLVMValueRef address = LLVMBuildAdd(lower->builder, base, offset, "");
  LLVMSetVolatile(LLVMBuildStore(lower->builder, address, f->debug.frame_slot), true);
}

void wa_debug_keep_apart(struct wa_lower *lower, LLVMValueRef call) {
  if (lower->debug)
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             lower->debug->no_merge);
}
