// C++ exceptions: caught by type, on through frames with destructors, thrown again, thrown inside a
// catch. "scenario" gives a number that says in what order all that happened.
struct A {
  int value;
};

static unsigned log_value;

static void note(unsigned what) {
  log_value = log_value * 31 + what;
}

struct Guard {
  unsigned id;
  explicit Guard(unsigned number) : id(number) { note(id); }
  ~Guard() { note(1000 + id); }
};

__attribute__((noinline)) static void raise(int what) {
  Guard guard(1);
  switch (what % 5) {
  case 1:
    throw what;
  case 2:
    throw static_cast<long long>(what) * 3;
  case 3:
    throw A{what + 7};
  case 4:
    throw 1.5;
  default:
    note(2);
  }
}

__attribute__((noinline)) static int catches(int what, int inner) {
  Guard guard(3);
  try {
    Guard nested(4);
    raise(what);
  } catch (int value) {
    note(static_cast<unsigned>(value));
    return value;
  } catch (long long value) {
    try {
      Guard nested(5);
      raise(inner);
    } catch (const A &a) {
      note(static_cast<unsigned>(a.value));
      throw;
    } catch (double) {
      note(6);
      throw A{static_cast<int>(value)};
    }
    return static_cast<int>(value);
  } catch (const A &a) {
    for (int i = 0; i < 3; i++) {
      try {
        raise(inner + i);
        if (i == 2)
          throw;
      } catch (int value) {
        note(static_cast<unsigned>(value));
        continue;
      }
      note(static_cast<unsigned>(a.value));
    }
  }
  return 8;
}

__attribute__((noinline)) static int down(int depth, int what, int inner) {
  Guard guard(static_cast<unsigned>(depth) + 10);
  return depth == 0 ? catches(what, inner) : down(depth - 1, what, inner) + 1;
}

extern "C" __attribute__((export_name("scenario"))) unsigned scenario(int what, int inner) {
  log_value = 17;
  try {
    note(static_cast<unsigned>(down(5, what, inner)));
  } catch (int value) {
    note(20u + static_cast<unsigned>(value));
  } catch (const A &a) {
    note(30u + static_cast<unsigned>(a.value));
  } catch (...) {
    note(40);
  }
  return log_value;
}

extern "C" __attribute__((export_name("every"))) unsigned every(int rounds) {
  unsigned sum = 0;
  for (int round = 0; round < rounds; round++)
    for (int what = 0; what < 5; what++)
      for (int inner = 0; inner < 10; inner++)
        sum = sum * 33 + scenario(what, inner);
  return sum;
}
