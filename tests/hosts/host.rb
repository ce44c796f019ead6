# A host in Ruby, through its own fiddle. The interpreter has a handler for faults, by which it finds overflows
# of its own stacks, leaves functions by longjmp, looks for objects on the stack of each thread, and lets
# go of its lock while a foreign function runs.
#   host.rb LIBRARY MODULE
require "fiddle"
require "fiddle/import"

module C
  extend Fiddle::Importer
  dlload ARGV.fetch(0)
  extern "void *wasm_config_new(void)"
  extern "char wasmaot_config_set_caller_stack(void *, char)"
  extern "void *wasm_engine_new_with_config(void *)"
  extern "void wasm_engine_delete(void *)"
  extern "void *wasm_store_new(void *)"
  extern "void wasm_store_delete(void *)"
  extern "void wasm_byte_vec_new(void *, size_t, void *)"
  extern "void wasm_byte_vec_delete(void *)"
  extern "void *wasm_module_new(void *, void *)"
  extern "void wasm_module_delete(void *)"
  extern "void *wasm_valtype_new(unsigned char)"
  extern "void wasm_valtype_vec_new(void *, size_t, void *)"
  extern "void *wasm_functype_new(void *, void *)"
  extern "void wasm_functype_delete(void *)"
  extern "void *wasmaot_func_new_cells(void *, void *, void *, void *, void *)"
  extern "void *wasm_func_as_extern(void *)"
  extern "void wasm_func_delete(void *)"
  extern "void *wasm_instance_new(void *, void *, void *, void *)"
  extern "void wasm_instance_delete(void *)"
  extern "void *wasmaot_instance_export(void *, void *)"
  extern "void *wasm_extern_as_func(void *)"
  extern "void wasm_extern_delete(void *)"
  extern "void *wasmaot_func_call_cells(void *, void *)"
  extern "void *wasm_trap_new(void *, void *)"
  extern "int wasmaot_trap_code(void *)"
  extern "void wasm_trap_delete(void *)"
  extern "char wasmaot_store_interrupt(void *, long long)"
  extern "void *wasmaot_last_error_message(void)"
end

MEMORY_OUT_OF_BOUNDS = 2
INTEGER_DIVIDE_BY_ZERO = 7
STACK_EXHAUSTED = 13
INTERRUPTED = 15

class Thrown < StandardError
end

# A vector of the C API: number and place of its elements.
def vector(text = "")
  vec = Fiddle::Pointer.malloc(16, Fiddle::RUBY_FREE)
  C.wasm_byte_vec_new(vec, text.bytesize, text)
  vec
end

def i32_vector
  vec = Fiddle::Pointer.malloc(16, Fiddle::RUBY_FREE)
  C.wasm_valtype_vec_new(vec, 1, [C.wasm_valtype_new(0).to_i].pack("J"))
  vec
end

# One module in a store of its own. What its function `back` raises ends the guest's call with a trap, and goes
# on from there.
class Guest
  attr_reader :store

  def initialize(engine, bytes)
    @store = C.wasm_store_new(engine)
    vec = vector(bytes)
    compiled = C.wasm_module_new(@store, vec)
    raise C.wasmaot_last_error_message.to_s if compiled.null?

    C.wasm_byte_vec_delete(vec)
    of = C.wasm_functype_new(i32_vector, i32_vector)
    @closure = Fiddle::Closure::BlockCaller.new(Fiddle::TYPE_VOIDP, [Fiddle::TYPE_VOIDP] * 3) do |_env, _caller, cells|
      back(cells)
    end
    func = C.wasmaot_func_new_cells(@store, of, @closure, nil, nil)
    C.wasm_functype_delete(of)
    imports = [1, [C.wasm_func_as_extern(func).to_i].pack("J")]
    elements = Fiddle::Pointer[imports[1]]
    @instance = C.wasm_instance_new(@store, compiled, [1, elements.to_i].pack("JJ"), nil)
    raise C.wasmaot_last_error_message.to_s if @instance.null?

    C.wasm_func_delete(func)
    C.wasm_module_delete(compiled)
    @cells = Fiddle::Pointer.malloc(64, Fiddle::RUBY_FREE)
  end

  def close
    C.wasm_instance_delete(@instance)
    C.wasm_store_delete(@store)
  end

  # The result, or the trap's code in a list.
  def call(name, *arguments)
    export = C.wasmaot_instance_export(@instance, name)
    arguments.each_with_index { |argument, i| @cells[8 * i, 4] = [argument].pack("l") }
    trap = C.wasmaot_func_call_cells(C.wasm_extern_as_func(export), @cells)
    C.wasm_extern_delete(export)
    result = @cells[0, 4].unpack1("l")
    unless trap.null?
      result = [C.wasmaot_trap_code(trap)]
      C.wasm_trap_delete(trap)
    end
    thrown = @thrown
    @thrown = nil
    raise thrown if thrown

    result
  end

  def spinning?
    @spinning
  end

  private

  def back(cells)
    argument = cells[0, 4].unpack1("l")
    case argument
    when -1
      @spinning = true
    when 13
      raise Thrown, "from #{argument}"
    when 77
      # Ruby's own stack, full inside of a guest's call.
      deeper(0)
    else
      # Objects that only this stack knows.
      lists = Array.new(10) { |i| "object #{i} of #{argument}" }
      GC.start if argument % 50 == 3
      raise "an object is gone" unless lists.last == "object 9 of #{argument}"

      cells[0, 4] = [argument].pack("l")
    end
    0
  rescue Thrown, SystemStackError => e
    @thrown = e
    C.wasm_trap_new(@store, vector("thrown\0")).to_i
  end

  def deeper(depth)
    deeper(depth + 1) + 1
  end
end

def expect(got, wanted, what)
  return if got == wanted

  puts "FAILED: #{what} gave #{got}, not #{wanted}"
  exit 1
end

def raises(kind, what)
  yield
  puts "FAILED: #{what} raised nothing"
  exit 1
rescue kind
  nil
end

def overflow(depth)
  overflow(depth + 1) + 1
end

def work(engine, bytes, rounds)
  guest = Guest.new(engine, bytes)
  rounds.times do |i|
    expect(guest.call("add", i, 5), i + 5, "add")
    expect(guest.call("div", i, 0), [INTEGER_DIVIDE_BY_ZERO], "div")
    expect(guest.call("load", 70_000_000), [MEMORY_OUT_OF_BOUNDS], "load")
    expect(guest.call("call", 100 + i), 1100 + i, "call")
    raises(Thrown, "a call") { guest.call("call", 13) }
    next unless (i % 50).zero?

    expect(guest.call("sink", 0), [STACK_EXHAUSTED], "sink")
    raises(SystemStackError, "Ruby's stack") { overflow(0) }
    raises(SystemStackError, "Ruby's stack inside of a guest") { guest.call("call", 77) }
    expect(guest.call("add", 2, 3), 5, "add after overflows")
  end
  guest.close
end

def interrupt(engine, bytes)
  guest = Guest.new(engine, bytes)
  interrupter = Thread.new do
    sleep 0.01 until guest.spinning?
    C.wasmaot_store_interrupt(guest.store, 10_000_000_000)
  end
  expect(guest.call("spin"), [INTERRUPTED], "spin")
  expect(interrupter.value, 1, "the interrupt")
  guest.close
end

config = C.wasm_config_new
C.wasmaot_config_set_caller_stack(config, 1)
engine = C.wasm_engine_new_with_config(config)
bytes = File.binread(ARGV.fetch(1))
handled = 0
trap("USR1") { handled += 1 }

work(engine, bytes, 200)
Array.new(4) { Thread.new { work(engine, bytes, 100) } }.each(&:join)
# A fiber has a stack that the library knows nothing of: guests run, and their calls of host functions trap.
fiber = Fiber.new do
  guest = Guest.new(engine, bytes)
  expect(guest.call("add", 2, 3), 5, "add in a fiber")
  Fiber.yield
  expect(guest.call("load", 70_000_000), [MEMORY_OUT_OF_BOUNDS], "load in a fiber")
  expect(guest.call("call", 5), [STACK_EXHAUSTED], "call in a fiber")
  expect(guest.call("add", 2, 3), 5, "add in a fiber, after a trap")
  guest.close
end
fiber.resume
work(engine, bytes, 5)
fiber.resume
interrupt(engine, bytes)
# Handlers of Ruby's still run, and its children use guests, too.
Process.kill("USR1", Process.pid)
sleep 0.01 until handled == 1
_, status = Process.wait2(fork { work(engine, bytes, 10) })
expect(status.exitstatus, 0, "a child")
C.wasm_engine_delete(engine)
puts "all went well"
