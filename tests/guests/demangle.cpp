// Functions with names that need to be read.
namespace {
template <typename T, typename U> struct store {
  T value;
  [[gnu::noinline]] U get(T index) const {
    if (index == 0) {
      __builtin_trap();
    }
    return (U)(value / index);
  }
};
} // namespace

namespace app {
[[gnu::noinline]] int fail(int index, const char *text) {
  store<int, char> it = {*text};
  return it.get(index);
}
} // namespace app

extern "C" [[clang::export_name("run")]] int run(int index) {
  return app::fail(index, "x");
}
