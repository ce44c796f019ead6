// Lua: runs work.lua, whose function gives a number for each round. With -DERRORS the rounds are of
// as many errors, thrown and caught by longjmp.
#include "text.h"
#include "work.lua.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

const uint32_t bench_rounds = WORK;

static const luaL_Reg libraries[] = {
    {"_G", luaopen_base},   {"table", luaopen_table},         {"string", luaopen_string},
    {"math", luaopen_math}, {"coroutine", luaopen_coroutine}, {"utf8", luaopen_utf8},
    {NULL, NULL},
};

static void check(lua_State *lua, int status) {
  if (status != LUA_OK) {
    (void)fprintf(stderr, "%s\n", lua_tostring(lua, -1));
    bench_fail("Lua");
  }
}

uint64_t bench(uint32_t rounds) {
  lua_State *lua = luaL_newstate();
  for (const luaL_Reg *library = libraries; library->func != NULL; library++) {
    luaL_requiref(lua, library->name, library->func, 1);
    lua_pop(lua, 1);
  }
  check(lua, luaL_loadbuffer(lua, work_lua, sizeof work_lua, "work.lua"));
  check(lua, lua_pcall(lua, 0, 1, 0));
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    lua_pushvalue(lua, -1);
    lua_pushinteger(lua, (lua_Integer)i);
    lua_pushinteger(lua, ERRORS);
    check(lua, lua_pcall(lua, 2, 1, 0));
    sum = bench_mix(sum, (uint64_t)lua_tointeger(lua, -1));
    lua_pop(lua, 1);
  }
  lua_close(lua);
  return sum;
}
