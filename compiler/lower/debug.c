#include "compiler/lower/lower.h"
#include "compiler/source/source.h"

#include <llvm-c/DebugInfo.h>
#include <stdio.h>
#include <string.h>

struct wa_lower_debug {
  const struct wa_source *source;
  bool all_locals;
  LLVMDIBuilderRef builder;
  LLVMMetadataRef file, function_type, word, half, no_expression;
};

// DWARF 4, because in it every address and offset stands where it is used.
void wa_lower_debug_init(struct wa_ir *ir, const struct wa_source *source, bool all_locals) {
  enum { DWARF_VERSION = 4, ENCODING_UNSIGNED = 7 };
  struct wa_lower_debug *debug = wa_ir_alloc(&ir->arena, 1, sizeof *debug);
  LLVMDIBuilderRef builder = LLVMCreateDIBuilder(ir->llvm);
  wa_ir_add_flag(ir, "Debug Info Version", LLVMDebugMetadataVersion());
  wa_ir_add_flag(ir, "Dwarf Version", DWARF_VERSION);
  debug->source = source;
  debug->all_locals = all_locals;
  debug->builder = builder;
  debug->file = LLVMDIBuilderCreateFile(builder, "wasm", 4, "", 0);
  LLVMDIBuilderCreateCompileUnit(builder, LLVMDWARFSourceLanguageC99, debug->file, "", 0, false, "",
                                 0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false, "", 0, "", 0);
  debug->function_type = LLVMDIBuilderCreateSubroutineType(builder, debug->file, NULL, 0, 0);
  debug->word = LLVMDIBuilderCreateBasicType(builder, "w", 1, 64, ENCODING_UNSIGNED, 0);
  debug->half = LLVMDIBuilderCreateBasicType(builder, "h", 1, 32, ENCODING_UNSIGNED, 0);
  debug->no_expression = LLVMDIBuilderCreateExpression(builder, NULL, 0);
  ir->no_merge = wa_ir_attribute(ir->context, "nomerge", 0);
  ir->debug = debug;
}

void wa_lower_debug_end(struct wa_ir *ir) {
  if (!ir->debug) {
    return;
  }
  LLVMDIBuilderFinalize(ir->debug->builder);
  LLVMDisposeDIBuilder(ir->debug->builder);
}

static unsigned line_of(const struct wa_lower_function *f, size_t position) {
  return (unsigned)(position - f->ir->debug->source->code_start + 1);
}

const struct wa_source *wa_debug_source(const struct wa_lower_function *f) {
  return f->ir->debug->source;
}

LLVMMetadataRef wa_debug_variable(struct wa_lower_function *f, const char *name, LLVMTypeRef type) {
  struct wa_ir *ir = f->ir;
  bool is_half = type == ir->i32 || type == ir->f32;
  return LLVMDIBuilderCreateAutoVariable(
      ir->debug->builder, f->debug.scope, name, strlen(name), ir->debug->file, 1,
      is_half ? ir->debug->half : ir->debug->word, false, LLVMDIFlagZero, 0);
}

void wa_debug_declare(struct wa_lower_function *f, LLVMValueRef alloca, LLVMMetadataRef variable) {
  struct wa_lower_debug *debug = f->ir->debug;
  WA_INSERT_DECLARE(debug->builder, alloca, variable, debug->no_expression, f->debug.location,
                    LLVMGetInsertBlock(f->ir->builder));
}

void wa_debug_value(struct wa_lower_function *f, LLVMValueRef value, LLVMMetadataRef variable) {
  struct wa_lower_debug *debug = f->ir->debug;
  WA_INSERT_VALUE(debug->builder, value, variable, debug->no_expression, f->debug.location,
                  LLVMGetInsertBlock(f->ir->builder));
}

// A slot that LLVM leaves alone, because it is written by volatile stores only: wherever code
// stops, the debugger finds the frame. A local that is set again after the prologue does not always
// hold that.
static void make_frame_slot(struct wa_lower_function *f, uint32_t sets) {
  struct wa_ir *ir = f->ir;
  uint32_t local = f->debug.frame_local;
  if (local >= f->local_count || ir->module->memory_count == 0 || sets != 1 ||
      (f->local_types[local] != ir->i32 && f->local_types[local] != ir->i64)) {
    return;
  }
  f->debug.frame_slot = LLVMBuildAlloca(ir->builder, ir->i64, "");
  LLVMSetVolatile(LLVMBuildStore(ir->builder, wa_ir_const_i64(ir, 0), f->debug.frame_slot), true);
  wa_debug_declare(f, f->debug.frame_slot, wa_debug_variable(f, "f", ir->i64));
}

// LLVM is to say where calls return to. The C API has no name for the flag
// (DINode::FlagAllCallsDescribed).
#define ALL_CALLS ((LLVMDIFlags)(1 << 29))

void wa_debug_enter(struct wa_lower_function *f, uint32_t function) {
  struct wa_lower_debug *debug = f->ir->debug;
  if (!debug) {
    return;
  }
  char name[WA_SYMBOL_NAME_SIZE];
  wa_ir_spell(f->ir, name, WA_SYMBOL_FUNCTION, function);
  unsigned line = line_of(f, f->function->body_offset);
  f->debug.scope = LLVMDIBuilderCreateFunction(debug->builder, debug->file, name, strlen(name), "",
                                               0, debug->file, line, debug->function_type, true,
                                               true, line, ALL_CALLS, true);
  LLVMSetSubprogram(f->llvm, f->debug.scope);
  f->debug.location =
      LLVMDIBuilderCreateDebugLocation(f->ir->context, line, 0, f->debug.scope, NULL);
  f->debug.frame_local = debug->source->frame_locals[function];
  struct wa_body_shape shape = wa_body_shape(f, f->debug.frame_local);
  make_frame_slot(f, shape.frame_sets);
  wa_places_begin(f, function, &shape);
}

void wa_debug_set_location(struct wa_lower_function *f) {
  if (f->debug.scope) {
    LLVMSetCurrentDebugLocation2(f->ir->builder, f->debug.location);
  }
}

void wa_debug_instr(struct wa_lower_function *f, enum wa_op op, size_t position) {
  if (!f->debug.scope) {
    return;
  }
  f->debug.location = LLVMDIBuilderCreateDebugLocation(f->ir->context, line_of(f, position), 0,
                                                       f->debug.scope, NULL);
  wa_debug_set_location(f);
  wa_places_instr(f, op, (uint32_t)(position - f->ir->debug->source->code_start));
}

void wa_debug_leave(struct wa_lower_function *f) {
  if (f->debug.scope) {
    LLVMSetCurrentDebugLocation2(f->ir->builder, NULL);
  }
}

bool wa_debug_all_locals(const struct wa_lower_function *f) {
  return f->ir->debug->all_locals;
}

void wa_debug_local_setting(struct wa_lower_function *f, uint32_t local) {
  if (f->ir->debug && f->ir->debug->all_locals) {
    wa_places_local_unknown(f, local);
  }
}

void wa_debug_local_set(struct wa_lower_function *f, uint32_t local, LLVMValueRef value) {
  if (f->debug.places) {
    wa_places_local_set(f, local);
  }
  if (!f->debug.frame_slot || local != f->debug.frame_local) {
    return;
  }
  struct wa_ir *ir = f->ir;
  LLVMValueRef offset = wa_index_widen(f, value);
  LLVMValueRef base = LLVMBuildPtrToInt(ir->builder, wa_memory_start(f, 0), ir->i64, "");
  LLVMValueRef address = LLVMBuildAdd(ir->builder, base, offset, "");
  LLVMSetVolatile(LLVMBuildStore(ir->builder, address, f->debug.frame_slot), true);
}

void wa_debug_forget(struct wa_ir *ir, LLVMValueRef function) {
  LLVMMetadataRef scope = ir->debug ? LLVMGetSubprogram(function) : NULL;
  if (!scope) {
    return;
  }
  struct wa_lower_debug *debug = ir->debug;
  LLVMDIBuilderRef builder = LLVMCreateDIBuilder(ir->llvm);
  LLVMMetadataRef variable = LLVMDIBuilderCreateAutoVariable(
      builder, scope, "x0", 2, debug->file, 1, debug->half, false, LLVMDIFlagZero, 0);
  LLVMMetadataRef location = LLVMDIBuilderCreateDebugLocation(ir->context, 1, 0, scope, NULL);
  LLVMValueRef end = LLVMGetBasicBlockTerminator(LLVMGetEntryBasicBlock(function));
  WA_INSERT_VALUE_BEFORE(builder, wa_ir_const_i32(ir, 0), variable, debug->no_expression, location,
                         end);
  LLVMDIBuilderFinalize(builder);
  LLVMDisposeDIBuilder(builder);
}
