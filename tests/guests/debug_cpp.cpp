// What is different in C++ for a debugger: `this`, virtual functions, references.
struct shape {
  int id;
  explicit shape(int number) : id(number) {}
  virtual double area() const = 0;
};

struct square : shape {
  double side;
  square(int number, double length) : shape(number), side(length) {}
  double area() const override {
    double result = side * side;
    return result; // inside
  }
};

extern "C" void __cxa_pure_virtual() {
  __builtin_trap();
}

static double measure(const shape &it) {
  double area = it.area();
  return area; // measured
}

extern "C" __attribute__((export_name("run"))) int run(int number) {
  square one(number, 2.5);
  return (int)measure(one);
}
