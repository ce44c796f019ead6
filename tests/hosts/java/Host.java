// A host in Java, through JNI: the virtual machine has handlers for faults, which it uses for what
// references are null and to stop threads, guard pages of its own on every stack, and takes a thread
// that is not on its stack for one that has none left.
public final class Host {
  static native long open(String module, boolean callerStack);
  // The trap's code in the upper half, or the result.
  static native long call(long host, String name, int argument);
  static native boolean interrupt(long host);
  static native void close(long host);

  static final int INTEGER_DIVIDE_BY_ZERO = 7;
  static final int MEMORY_OUT_OF_BOUNDS = 2;
  static final int STACK_EXHAUSTED = 13;
  static final int INTERRUPTED = 15;

  static final class Thrown extends RuntimeException {
    Thrown(int argument) {
      super("from " + argument);
    }
  }

  int field;
  static volatile int failures;
  static volatile boolean spinning;
  static Host nothing;

  static synchronized void fail(String what) {
    failures++;
    System.out.println("FAILED: " + what);
  }

  static void expect(long got, int code, long result, String what) {
    if (got >> 32 != code || (code == 0 && (int) got != result)) {
      fail(what + ": code " + (got >> 32) + ", result " + (int) got);
    }
  }

  // What guests call.
  static int back(int argument) {
    if (argument == -1) {
      spinning = true;
    } else if (argument == 13) {
      throw new Thrown(argument);
    } else if (argument % 50 == 3) {
      System.gc();
    }
    return argument + faults();
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

  static void overflow() {
    try {
      fail("no end of the stack: " + overflow(0));
    } catch (StackOverflowError e) {
      // as it should be
    }
  }

  static void work(String module, int rounds) {
    long host = open(module, true);
    for (int i = 0; i < rounds; i++) {
      expect(call(host, "add", i), 0, i, "add");
      expect(call(host, "div", i), INTEGER_DIVIDE_BY_ZERO, 0, "div");
      expect(call(host, "load", 70000000), MEMORY_OUT_OF_BOUNDS, 0, "load");
      expect(call(host, "call", 100 + i), 0, 1100 + i, "call");
      try {
        call(host, "call", 13);
        fail("nothing was thrown");
      } catch (Thrown e) {
        if (!e.getMessage().equals("from 13")) {
          fail(e.getMessage());
        }
      }
      if (i % 50 == 0) {
        expect(call(host, "sink", 0), STACK_EXHAUSTED, 0, "sink");
        overflow();
      }
    }
    close(host);
  }

  static void interruptSpin(String module) throws InterruptedException {
    long host = open(module, true);
    boolean[] done = {false};
    spinning = false;
    Thread interrupter = new Thread(() -> {
      while (!spinning) {
        Thread.onSpinWait();
      }
      done[0] = interrupt(host);
    });
    interrupter.start();
    expect(call(host, "spin", 0), INTERRUPTED, 0, "spin");
    interrupter.join();
    if (!done[0]) {
      fail("not interrupted");
    }
    close(host);
  }

  public static void main(String[] args) throws InterruptedException {
    System.load(args[0]);
    String module = args[1];
    Thread[] threads = new Thread[6];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(() -> work(module, 300));
      threads[i].start();
    }
    for (int i = 0; i < 10; i++) {
      interruptSpin(module);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    work(module, 10);
    if (failures == 0) {
      System.out.println("all went well");
    }
  }
}
