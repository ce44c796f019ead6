// Switches that become jump tables, and how many edges there are when every way to one ends with a
// jump of its own: the code generator copies the jump there when nothing is checked before it.
#ifndef WA_COMPILER_IR_JUMP_TABLE_H
#define WA_COMPILER_IR_JUMP_TABLE_H

#include "compiler/ir/ir.h"

// So many edges at most, which the code generator takes a second for. The main loop of QuickJS has
// 50,000, Lua's and Oniguruma's 7,000.
enum { WA_MOST_JUMP_EDGES = 1 << 16 };

// The value of a case of a switch, counted from 1.
LLVMValueRef wa_switch_value(LLVMValueRef branch, unsigned i);

// From how many places control comes to a block, by way of one that only collects them, too.
unsigned wa_ways_to(LLVMBasicBlockRef block);

// Says that one more edge leads from a block to another to which one leads already.
void wa_add_edge(LLVMBasicBlockRef from, LLVMBasicBlockRef to);

// Behind all passes: makes the code generator check the values of switches that it would copy too
// often, although none is possible but those of the cases.
void wa_bound_jump_tables(LLVMValueRef function);

#endif
