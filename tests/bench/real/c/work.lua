-- A bit of everything that programs in Lua do; returns a function of the round's number and of
-- how many errors are to be caught: with any, of those only.
local function mix(sum, value) return (sum * 31 + value) & 0xffffffffffff end

-- Calls and numbers.
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end

-- Tables as arrays, floats.
local function matrices(n)
  local function make(f)
    local m = {}
    for i = 1, n do
      local row = {}
      for j = 1, n do row[j] = f(i, j) end
      m[i] = row
    end
    return m
  end
  local a, b = make(function(i, j) return i + j end), make(function(i, j) return i - j + 0.5 end)
  local trace = 0.0
  for i = 1, n do
    for j = 1, n do
      local s = 0.0
      for k = 1, n do s = s + a[i][k] * b[k][j] end
      if i == j then trace = trace + s end
    end
  end
  return math.floor(trace)
end

-- Objects with methods, and garbage.
local Tree = {}
Tree.__index = Tree
function Tree.new(depth)
  local tree = setmetatable({value = depth}, Tree)
  if depth > 0 then tree.left, tree.right = Tree.new(depth - 1), Tree.new(depth - 1) end
  return tree
end
function Tree:count() return self.left and 1 + self.left:count() + self.right:count() or 1 end

-- Strings: building, patterns, formats.
local function words(round)
  local parts = {}
  for i = 1, 4000 do parts[#parts + 1] = string.format("word%d=%05.2f", (i * 7919 + round) % 613, i / 7) end
  local text, counts, sum = table.concat(parts, ";"), {}, 0
  for key, value in text:gmatch("(%a+%d+)=([%d.]+)") do
    counts[key] = (counts[key] or 0) + tonumber(value)
  end
  local keys = {}
  for key in pairs(counts) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do sum = mix(sum, math.floor(counts[key] * 100) + #key) end
  return mix(sum, #text:gsub("word", "w"):upper():reverse())
end

-- Errors that are caught, several calls up: longjmp.
local function deep(n, what)
  if n == 0 then error(what) end
  return 1 + deep(n - 1, what)
end
local function errors(count)
  local sum = 0
  for i = 1, count do
    local ok, problem = pcall(deep, i % 8, {code = i})
    if not ok then sum = mix(sum, problem.code) end
    sum = sum + select("#", pcall(tostring, i))
  end
  return sum
end

-- Coroutines.
local function primes(limit)
  local function filter(source, by)
    return coroutine.wrap(function()
      for n in source do if n % by ~= 0 then coroutine.yield(n) end end
    end)
  end
  local source, sum = coroutine.wrap(function() for i = 2, limit do coroutine.yield(i) end end), 0
  for _ = 1, 60 do
    local prime = source()
    sum = mix(sum, prime)
    source = filter(source, prime)
  end
  return sum
end

local function sorting(round)
  local items, seed = {}, round + 1
  for i = 1, 20000 do
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    items[i] = seed
  end
  table.sort(items, function(a, b) return a % 10007 < b % 10007 or (a % 10007 == b % 10007 and a < b) end)
  return items[1] + items[10000] * 3 + items[20000] * 5
end

return function(round, count)
  if count > 0 then return errors(count) end
  local sum = mix(round, fib(23))
  sum = mix(sum, matrices(60))
  sum = mix(sum, Tree.new(14):count())
  sum = mix(sum, words(round))
  sum = mix(sum, primes(1000))
  return mix(sum, sorting(round))
end
