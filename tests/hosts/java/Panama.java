import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

// A host in Java by java.lang.foreign, without a line of C: functions of Java's that guests call, on the
// machine's threads and on virtual ones. What such a function throws would end the process, so it is kept, the guest
// ends by a trap, and the call throws it.
public final class Panama {
  static final int INTEGER_DIVIDE_BY_ZERO = 7;
  static final int MEMORY_OUT_OF_BOUNDS = 2;
  static final int STACK_EXHAUSTED = 13;
  static final int INTERRUPTED = 15;

  static SymbolLookup library;
  static final Map<String, MethodHandle> functions = new ConcurrentHashMap<>();
  static volatile int failures;
  static Panama nothing;
  int field;

  static MemoryLayout layout(Object value) {
    if (value instanceof MemorySegment) {
      return ValueLayout.ADDRESS;
    }
    return value instanceof Byte ? ValueLayout.JAVA_BYTE : ValueLayout.JAVA_LONG;
  }

  static Object invoke(String name, MemoryLayout result, Object... arguments) {
    MethodHandle handle = functions.computeIfAbsent(name, key -> {
      MemoryLayout[] layouts = Arrays.stream(arguments).map(Panama::layout).toArray(MemoryLayout[]::new);
      return Linker.nativeLinker().downcallHandle(library.find(key).orElseThrow(),
          result == null ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result, layouts));
    });
    try {
      return handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static void run(String name, Object... arguments) {
    invoke(name, null, arguments);
  }

  static MemorySegment get(String name, Object... arguments) {
    return (MemorySegment) invoke(name, ValueLayout.ADDRESS, arguments);
  }

  // A store with one instance; closed by the thread that made it.
  static final class Guest implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment cells = arena.allocate(64, 8);
    private final MemorySegment instance;
    private RuntimeException thrown;
    final MemorySegment store;
    final CountDownLatch spinning = new CountDownLatch(1);

    Guest(MemorySegment engine, byte[] module) {
      try {
        store = get("wasm_store_new", engine);
        MemorySegment bytes = arena.allocate(16, 8);
        run("wasm_byte_vec_new", bytes, (long) module.length, arena.allocateFrom(ValueLayout.JAVA_BYTE, module));
        MemorySegment compiled = get("wasm_module_new", store, bytes);
        run("wasm_byte_vec_delete", bytes);
        MemorySegment of = get("wasm_functype_new", i32(), i32());
        MethodHandle back = MethodHandles.lookup().bind(this, "back",
            MethodType.methodType(MemorySegment.class, MemorySegment.class, MemorySegment.class, MemorySegment.class));
        MemorySegment stub = Linker.nativeLinker().upcallStub(back, FunctionDescriptor.of(ValueLayout.ADDRESS,
            ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS), arena);
        MemorySegment none = MemorySegment.NULL;
        MemorySegment func = get("wasmaot_func_new_cells", store, of, stub, none, none);
        run("wasm_functype_delete", of);
        MemorySegment imports = vector(get("wasm_func_as_extern", func));
        instance = get("wasm_instance_new", store, compiled, imports, none);
        if (instance.address() == 0) {
          throw new IllegalStateException(get("wasmaot_last_error_message").reinterpret(500).getString(0));
        }
        run("wasm_func_delete", func);
        run("wasm_module_delete", compiled);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    private MemorySegment vector(MemorySegment element) {
      MemorySegment elements = arena.allocate(8, 8);
      elements.set(ValueLayout.ADDRESS, 0, element);
      MemorySegment vector = arena.allocate(16, 8);
      vector.set(ValueLayout.JAVA_LONG, 0, 1);
      vector.set(ValueLayout.ADDRESS, 8, elements);
      return vector;
    }

    private MemorySegment i32() {
      MemorySegment types = arena.allocate(16, 8);
      MemorySegment kinds = arena.allocate(8, 8);
      kinds.set(ValueLayout.ADDRESS, 0, get("wasm_valtype_new", (byte) 0));
      run("wasm_valtype_vec_new", types, 1L, kinds);
      return types;
    }

    MemorySegment back(MemorySegment environment, MemorySegment caller, MemorySegment address) {
      MemorySegment argument = address.reinterpret(8);
      int number = argument.get(ValueLayout.JAVA_INT, 0);
      try {
        argument.set(ValueLayout.JAVA_INT, 0, answer(number));
        return MemorySegment.NULL;
      } catch (RuntimeException e) {
        thrown = e;
      } catch (StackOverflowError e) {
        thrown = new RuntimeException("no stack");
      }
      MemorySegment message = arena.allocate(16, 8);
      run("wasm_byte_vec_new", message, 7L, arena.allocateFrom("thrown"));
      return get("wasm_trap_new", store, message);
    }

    private int answer(int number) {
      if (number == -1) {
        spinning.countDown();
      } else if (number == 13) {
        throw new RuntimeException("from 13");
      } else if (number == 77) {
        return overflow(0);
      } else if (number % 50 == 3) {
        System.gc();
      }
      return number + faults();
    }

    // The trap's code in the upper half, or the result.
    long call(String name, int... arguments) {
      MemorySegment export;
      try (Arena names = Arena.ofConfined()) {
        export = get("wasmaot_instance_export", instance, names.allocateFrom(name));
      }
      for (int i = 0; i < arguments.length; i++) {
        cells.set(ValueLayout.JAVA_INT, 8L * i, arguments[i]);
      }
      MemorySegment trap = get("wasmaot_func_call_cells", get("wasm_extern_as_func", export), cells);
      run("wasm_extern_delete", export);
      long code = 0;
      if (trap.address() != 0) {
        code = (int) invoke("wasmaot_trap_code", ValueLayout.JAVA_INT, trap);
        run("wasm_trap_delete", trap);
      }
      RuntimeException kept = thrown;
      thrown = null;
      if (kept != null) {
        throw kept;
      }
      return code << 32 | (code == 0 ? cells.get(ValueLayout.JAVA_INT, 0) & 0xffffffffL : 0);
    }

    @Override
    public void close() {
      run("wasm_instance_delete", instance);
      run("wasm_store_delete", store);
      arena.close();
    }
  }

  static synchronized void fail(String what) {
    failures++;
    System.out.println("FAILED: " + what);
  }

  static void expect(long got, int code, long result, String what) {
    if (got >> 32 != code || (int) got != result) {
      fail(what + ": code " + (got >> 32) + ", result " + (int) got);
    }
  }

  static void throwing(Guest guest, int argument, String message) {
    try {
      guest.call("call", argument);
      fail("nothing was thrown");
    } catch (RuntimeException e) {
      if (!message.equals(e.getMessage())) {
        fail("thrown: " + e);
      }
    }
  }

  // Compiled, a test for null is a fault.
  static int faults() {
    int caught = 0;
    for (int i = 0; i < 20; i++) {
      try {
        caught += nothing.field;
      } catch (NullPointerException e) {
        caught++;
      }
    }
    return caught - 20;
  }

  static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  static void work(MemorySegment engine, byte[] module, int rounds, boolean overflows) {
    try (Guest guest = new Guest(engine, module)) {
      for (int i = 0; i < rounds; i++) {
        expect(guest.call("add", i, 5), 0, i + 5, "add");
        expect(guest.call("div", i, 0), INTEGER_DIVIDE_BY_ZERO, 0, "div");
        expect(guest.call("load", 70000000), MEMORY_OUT_OF_BOUNDS, 0, "load");
        expect(guest.call("call", 100 + i), 0, 1100 + i, "call");
        throwing(guest, 13, "from 13");
        if (i % 50 == 0) {
          expect(guest.call("sink", 0), STACK_EXHAUSTED, 0, "sink");
          if (overflows) {
            throwing(guest, 77, "no stack");
          }
          expect(guest.call("add", 2, 3), 0, 5, "add after an overflow");
        }
      }
    }
  }

  static void interruptSpin(MemorySegment engine, byte[] module) throws InterruptedException {
    try (Guest guest = new Guest(engine, module)) {
      boolean[] done = {false};
      Thread interrupter = new Thread(() -> {
        try {
          guest.spinning.await();
        } catch (InterruptedException e) {
          fail("not awaited");
        }
        done[0] = (boolean) invoke("wasmaot_store_interrupt", ValueLayout.JAVA_BOOLEAN, guest.store, 10_000_000_000L);
      });
      interrupter.start();
      expect(guest.call("spin"), INTERRUPTED, 0, "spin");
      interrupter.join();
      if (!done[0]) {
        fail("not interrupted");
      }
    }
  }

  public static void main(String[] args) throws Exception {
    library = SymbolLookup.libraryLookup(Path.of(args[0]), Arena.global());
    byte[] module = Files.readAllBytes(Path.of(args[1]));
    MemorySegment config = get("wasm_config_new");
    invoke("wasmaot_config_set_caller_stack", ValueLayout.JAVA_BOOLEAN, config, (byte) 1);
    MemorySegment engine = get("wasm_engine_new_with_config", config);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(Thread.ofPlatform().start(() -> work(engine, module, 150, true)));
    }
    // Virtual threads are on some carrier's stack, and stay there while a guest runs.
    for (int i = 0; i < 20; i++) {
      threads.add(Thread.ofVirtual().start(() -> work(engine, module, 20, false)));
    }
    for (int i = 0; i < 5; i++) {
      interruptSpin(engine, module);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    work(engine, module, 10, true);
    run("wasm_engine_delete", engine);
    if (failures == 0) {
      System.out.println("all went well");
    }
  }
}
