# make demo    builds the command, compiles the threaded demo guest, runs it, says how to go on
# make check   everything that must pass before a commit; what .ci/run does
# make check-cross   the conformance scripts and guests on AArch64 and RISC-V, under qemu; and whether
#              the compiler makes the same objects on AArch64, with its LLVM from Debian
# make check-passes   all scripts, and the tests of what a build does, without each pass that only makes code faster
# make check-tail-exceptions  all pairs of numbers of parameters in exceptions behind tail calls, a covering of
#              what else matters; on other architectures as well after make check-cross; PARTS=1: every
#              combination, 8 hours; PARTS=12: a twelfth of them, see the script
# make check-bounds  compiles modules that are much work at every level, and prints what each took
# make check-faults  fails every call of ours once, in turn; ctest -L faults does a part of it
# make check-kills  kills runs, and what optimises beside them, at KILLS (200) random moments
# make package   Debian packages in build/packages; PACKAGE_CMAKE=options of cmake
# make package-check   installs those into clean Debian roots (debootstrap) and uses them there;
#              PACKAGE_ROOTS='trixie noble': there, instead of in this machine's release
# make fuzz    libFuzzer on decoder, compiler, loader and WASI, FUZZ_SECONDS (3600) each; see tests/fuzz
# make bench   measures programs on wasmaot, natively and on what other engines there are; BENCH=options
# make bench-real   the same with programs that people use, fetched by cargo; BENCH=options, see
#              tests/bench/real
# make bench-ablation   time, code and compile time of wasmaot with each pass left out; BENCH=options
# make fuzz-differential   against Node: corner values, pairs of proposals, then random modules for FUZZ_HOURS (1),
#              random call graphs of tail calls and exceptions, random interpreters, searches and small functions, as long each
# make check-fuzzers   takes arguments of each pass away, in a copy, and fails when the fuzzers do not find that; an hour
# make litmus  every litmus test LITMUS_RUNS (10000) times at -O0 and -O3
# make rust-check  the tests of crates and of the libraries of Rust, Go, Zig, C++ and Python, fetched and built here; hours. RUST=options:
#              see tests/rust
# make fuzz-loops   loop nests that mostly trap half-way, raw and through clang, against Node, for FUZZ_HOURS (1) each
# make fuzz-threads   random multi-threaded programs against the memory model, for FUZZ_HOURS (1)
# make deps    installs what is missing for building and for every check (apt-get); the other targets
#              install what they cannot do without; WASMAOT_NO_INSTALL=1 only says what that is
# The build itself is CMake's: see CMakePresets.json.

BUILD ?= build
JOBS ?= $(shell nproc)
# One more test than there are processors: some wait for what is to happen, or for its not happening.
CTEST = ctest --output-on-failure --no-tests=error -j $$(($(JOBS) + 1))
WASMAOT = $(BUILD)/release/cli/wasmaot
GUESTS = $(BUILD)/release/tests/guests

.PHONY: all deps deps-build deps-check release demo bench bench-real bench-ablation check check-release check-cross check-passes check-tail-exceptions check-tidy check-bounds check-faults check-kills check-fuzzers rust-check check-clang check-asan check-tsan check-format package package-check fuzz fuzz-differential fuzz-loops litmus fuzz-threads dist

all: release

deps:
	@sh cmake/install-deps.sh all

deps-build:
	@sh cmake/install-deps.sh build

# After the other, as apt-get runs once at a time.
deps-check: deps-build
	@sh cmake/install-deps.sh check

release: deps-build
	@cmake -S . -B $(BUILD)/release -G Ninja -DCMAKE_BUILD_TYPE=Release
	@cmake --build $(BUILD)/release -j $(JOBS)

# Less than a third of a build: no libraries, tests or other guests.
demo:
	@sh cmake/install-deps.sh demo
	@cmake -S . -B $(BUILD)/release -G Ninja -DCMAKE_BUILD_TYPE=Release
	@cmake --build $(BUILD)/release -j $(JOBS) --target wasmaot_command wasmaot-compiler tests/guests/demo.wasm
	$(WASMAOT) compile $(GUESTS)/demo.wasm -o $(BUILD)/demo.o
	$(WASMAOT) run $(BUILD)/demo.o
	@echo
	@echo 'That was wasmaot. To try it on a program of your own:'
	@echo '  export PATH="$(abspath $(BUILD))/release/cli:$$PATH"'
	@echo '  wasmaot run app.wasm           # wasmaot run --help; programs in C: README.md, "Your own program"'
	@echo 'make release builds the rest, after which cmake --install $(BUILD)/release installs it.'

package: deps-build
	@sh cmake/package.sh $(BUILD) $(JOBS) $(PACKAGE_CMAKE)

package-check: package release
	@sh tests/install/package.sh $(BUILD)/packages $(GUESTS) tests/install $(BUILD)/package $(PACKAGE_ROOTS)

# Archives for three architectures, from the last commit, in $(BUILD)/dist.
dist: release
	@sh cmake/dist.sh $(BUILD) $(GUESTS) $(JOBS)

bench: release
	python3 tests/bench/run.py --wasmaot $(WASMAOT) --clang "$$(sh cmake/find-clang.sh)" \
	  --build $(BUILD)/bench $(BENCH)

bench-real: release
	python3 tests/bench/real/run.py --wasmaot $(WASMAOT) --clang "$$(sh cmake/find-clang.sh)" \
	  --build $(BUILD)/bench-real $(BENCH)

bench-ablation: release
	python3 tests/bench/real/run.py --ablation --wasmaot $(WASMAOT) --clang "$$(sh cmake/find-clang.sh)" \
	  --build $(BUILD)/bench-real $(BENCH)

# Rust with unwinding, of Debian's newest packages; the folder is kept.
rust-check: release
	python3 tests/rust/run.py --wasmaot $(WASMAOT) --build $(BUILD)/rust --toolchain $(BUILD)/rust/toolchain \
	  $(or $(RUST),crates library go zig cxx python)

check: check-format check-release check-tidy check-clang check-asan check-tsan
	@echo 'check: everything passed'

check-format: deps-check
	@sh cmake/check-format.sh

check-tidy: deps-check release
	@sh cmake/check-tidy.sh $(BUILD)/release $(JOBS)

check-release: deps-check release
	@cd $(BUILD)/release && $(CTEST) -LE nightly

check-bounds: release
	@python3 tests/bounds/run.py --wasmaot $(WASMAOT) --table

check-faults: release
	python3 tests/faults/run.py --command $(BUILD)/release/tests/faults/wasmaot-faulty \
	  --library $(BUILD)/release/tests/faults/libwasmaot_faulty_compiler.so --guests $(GUESTS) \
	  --storm $(BUILD)/release/tests/faults/storm.wasm

# Everything there is for other architectures, under qemu; check-release has a part of it.
check-cross: release
	@cd $(BUILD)/release && $(CTEST) -R '^cross[.](.*[.]all|hosts)'

# Without each pass that only makes code faster, and without all; check-release has all scripts without all of
# them. The three that are left out look at what the passes make.
check-passes: release
	@cd $(BUILD)/release && $(CTEST) -L passes
	@for pass in all inline anchor idioms widen search roll vectorize pack prefetch dispatch promote; do \
	  echo "without $$pass" && \
	  cmake -S . -B $(BUILD)/passes -G Ninja -DCMAKE_BUILD_TYPE=Release $(SAME_GUESTS) -DWASMAOT_PASSES=-$$pass && \
	  cmake --build $(BUILD)/passes -j $(JOBS) && \
	  (cd $(BUILD)/passes && $(CTEST) -L 'unit|api|e2e' -LE nightly -E '^(unit[.](widen|lowering)|e2e[.]code)$$') || exit; \
	done

check-tail-exceptions: release
	@sh tests/scripts/all_tail_exceptions.sh $(BUILD)/release $(PARTS)

# What the other builds test with is made once.
SAME_GUESTS = -DWASMAOT_GUESTS="$$(realpath "$(GUESTS)")"

# The other compiler's warnings. It evaluates arguments in another order: objects must not show it.
check-clang: release
	@cmake -S . -B $(BUILD)/clang -G Ninja -DCMAKE_BUILD_TYPE=Debug $(SAME_GUESTS) \
	  -DCMAKE_C_COMPILER="$$(sh cmake/find-clang.sh)"
	@cmake --build $(BUILD)/clang -j $(JOBS)
	@sh tests/cross/same.sh $(WASMAOT) $(BUILD)/clang/cli/wasmaot $(GUESTS)

check-asan: deps-check release
	@cmake -S . -B $(BUILD)/asan -G Ninja -DCMAKE_BUILD_TYPE=Debug $(SAME_GUESTS) \
	  -DWASMAOT_SANITIZE=address,undefined
	@cmake --build $(BUILD)/asan -j $(JOBS)
	@cd $(BUILD)/asan && $(CTEST) -L 'unit|api|wasi|e2e|faults|fuzz-regression'

check-tsan: deps-check release
	@cmake -S . -B $(BUILD)/tsan -G Ninja -DCMAKE_BUILD_TYPE=Debug $(SAME_GUESTS) -DWASMAOT_SANITIZE=thread
	@cmake --build $(BUILD)/tsan -j $(JOBS)
	@cd $(BUILD)/tsan && $(CTEST) -L threads

# Each target in a process of its own, for FUZZ_SECONDS; stops with the log of the one that found a
# fault.
FUZZ_SECONDS ?= 3600
fuzz: deps-build
	@cmake -S . -B $(BUILD)/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	  -DCMAKE_C_COMPILER="$$(sh cmake/find-clang.sh)" -DWASMAOT_FUZZ=ON \
	  -DWASMAOT_SANITIZE=address,undefined
	@cmake --build $(BUILD)/fuzz -j $(JOBS) --target fuzz_front fuzz_loader fuzz_wasi fuzz_dwarf fuzz_compile fuzz_seeds
	@sh tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

FUZZ_HOURS ?= 1
DIFFER = --differ $(BUILD)/release/tests/fuzz/wasmaot_differ --keep $(BUILD)/differences
fuzz-differential: release
	@python3 tests/fuzz/corner.py $(DIFFER)
	@python3 tests/fuzz/pairs.py $(DIFFER)
	@python3 tests/fuzz/differ.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/tails.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/interpreters.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/searches.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/calls.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/idioms.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/sums.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)

check-fuzzers: deps-check
	@python3 tests/fuzz/breaks.py --work $(BUILD)/breaks

# Loop nests against Node, raw and through clang, for FUZZ_HOURS each.
fuzz-loops: release
	@python3 tests/fuzz/loops.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS)
	@python3 tests/fuzz/loops.py $(DIFFER) --first "$$(date +%s)" --hours $(FUZZ_HOURS) --c

LITMUS_RUNS ?= 10000
LITMUS = $(BUILD)/release/tests/litmus/litmus
KILLS ?= 200
check-kills: release
	@WASMAOT_E2E_KILLS=$(KILLS) sh tests/e2e/killed.sh "$(abspath $(WASMAOT))" "$(abspath $(GUESTS))"

litmus: release
	@$(LITMUS) classic $(LITMUS_RUNS)
	@$(LITMUS) wake $(LITMUS_RUNS)

# Each round says the seeds it had.
fuzz-threads: release
	@seed=$$(date +%s); end=$$(($$seed + $(FUZZ_HOURS) * 3600)); \
	while [ "$$(date +%s)" -lt $$end ]; do \
	  echo "seeds from $$seed"; \
	  $(LITMUS) random $$seed 200 5000 && $(LITMUS) wake 1000 || exit 1; \
	  seed=$$((seed + 200)); \
	done
