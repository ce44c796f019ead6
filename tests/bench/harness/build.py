"""Builds the benchmark programs: to WebAssembly, natively, and through wasm2c.

Every output has a stamp beside it that holds the digest of its command and inputs: what is up to date
is not built again.
"""

import hashlib
import os
import re
import subprocess

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GUEST_LIB = os.path.join(os.path.dirname(BENCH), "guests", "lib")
LIB = os.path.join(BENCH, "lib")
FOLDERS = {"single": "programs", "threads": "threaded", "micro": "micro"}

# Contraction would give native code other results than WebAssembly defines; errno, which WebAssembly's
# square root does not know either, would keep it from being one instruction.
COMMON = ["-O3", "-ffp-contract=off", "-fno-math-errno", "-Wall", "-Wextra", "-Werror", "-I", LIB]
C = ["-std=gnu17"]
# Of the C++ library nothing is used but what throws; tests/guests/lib has as much for WebAssembly.
CXX = ["-std=gnu++17", "-fno-rtti"]
CXX_GUEST = ["-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=false"]
# The guests' library is the C library: nothing in it may be turned into a call of itself.
GUEST_FLAGS = ["--target=wasm32", "-std=c17", "-O2", "-ffreestanding", "-fno-builtin", "-Wall", "-Wextra",
               "-Werror", "-I", LIB, "-I", GUEST_LIB]
THREAD_PAGES = 1024  # what lib/node_main.mjs makes, too


class BuildError(Exception):
    """A command failed; the message has its output."""


def timed(command, **options):
    """Runs a command: what it printed, and the seconds of processor time it took. BuildError if it fails."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, errors="replace", **options)
    except OSError as error:
        raise BuildError(f"{command[0]}: {error}") from error
    with process:
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BuildError(f"{' '.join(command)}: exit status {process.returncode}\n{printed}")
    return printed, usage.ru_utime + usage.ru_stime


def run(command, **options):
    """Runs a command and gives its output; BuildError with what it printed if it fails."""
    return timed(command, **options)[0]


def digest(command, inputs):
    state = hashlib.sha256("\0".join(command).encode())
    for path in inputs:
        with open(path, "rb") as file:
            state.update(hashlib.sha256(file.read()).digest())
    return state.hexdigest()


def make(output, command, inputs):
    """Runs the command unless the output is that of the same command and inputs already."""
    wanted = digest(command, inputs)
    if os.path.exists(output) and read_stamp(output)[0] == wanted:
        return output
    os.makedirs(os.path.dirname(output), exist_ok=True)
    _, seconds = timed(command)
    with open(output + ".stamp", "w") as file:
        file.write(f"{wanted} {seconds}")
    return output


def read_stamp(output):
    """The digest that a file was made with, and the seconds of processor time that making it took."""
    try:
        with open(output + ".stamp") as file:
            wanted, seconds = file.read().split()
            return wanted, float(seconds)
    except (OSError, ValueError):
        return None, None


def headers():
    return [os.path.join(folder, name) for folder in (LIB, GUEST_LIB) for name in sorted(os.listdir(folder))
            if name.endswith(".h")]


class Program:
    """A program of this folder: its name, its kind (a key of FOLDERS) and its source."""

    def __init__(self, kind, name):
        self.kind = kind
        self.name = name
        self.threaded = kind != "single"
        self.directories = ()
        self.source = os.path.join(BENCH, FOLDERS[kind], name + ".c")
        self.is_cxx = not os.path.exists(self.source)
        if self.is_cxx:
            self.source += "pp"


def all_programs():
    programs = []
    for kind, folder in FOLDERS.items():
        path = os.path.join(BENCH, folder)
        if os.path.isdir(path):
            programs += [Program(kind, os.path.splitext(name)[0]) for name in sorted(os.listdir(path))
                         if name.endswith((".c", ".cpp"))]
    return programs


class Builder:
    """Knows the tools and the folder where everything is built; one per run, used by several threads."""

    def __init__(self, directory, clang, wasm2c=None, wasm2c_runtime=None, sysroot=None):
        self.directory = os.path.abspath(directory)
        self.clang = clang
        self.wasm2c = wasm2c
        self.wasm2c_runtime = wasm2c_runtime
        self.sysroot = sysroot

    def path(self, program, name):
        return os.path.join(self.directory, program.name, name)

    def native(self, program, cpu):
        output = self.path(program, "native-" + cpu)
        march = "native" if cpu == "host" else "x86-64"
        flags = ([f"-march={march}"] if os.uname().machine == "x86_64" or cpu == "host" else [])
        source = self.cxx_object(program, "native-" + cpu, flags) if program.is_cxx else program.source
        sources = [source, os.path.join(LIB, "main.c"), os.path.join(LIB, "host_libc.c")]
        more = ["-lstdc++"] if program.is_cxx else []
        command = [self.clang, *C, *COMMON, *flags, "-DBENCH_LIBC", *sources, "-pthread", "-lm", *more, "-o", output]
        return make(output, command, sources + headers())

    def cxx_object(self, program, name, flags):
        output = self.path(program, name + ".o")
        return make(output, [self.clang, *CXX, *COMMON, *flags, "-c", program.source, "-o", output],
                    [program.source] + headers())

    def guest_objects(self, threaded, is_cxx=False):
        """The guests' library and the benchmark's main, as objects."""
        sources = [os.path.join(LIB, name) for name in ("main.c", "host_guest.c")]
        sources += [os.path.join(GUEST_LIB, name) for name in ("guest.c", "start.c")]
        features = ["-matomics", "-mbulk-memory", "-mmutable-globals"] if threaded else []
        if threaded:
            sources += [os.path.join(GUEST_LIB, name) for name in ("thread.c", "thread_start.s")]
        if is_cxx:
            sources += [os.path.join(GUEST_LIB, name) for name in ("cxx.cpp", "cxx_tag.s")]
        objects = []
        for source in sources:
            folder = os.path.join(self.directory, "lib-threads" if threaded else "lib")
            output = os.path.join(folder, os.path.basename(source) + ".o")
            flags = {".c": GUEST_FLAGS, ".cpp": ["--target=wasm32", *CXX, *CXX_GUEST, "-O2"],
                     ".s": ["--target=wasm32", "-mexception-handling"]}[os.path.splitext(source)[1]]
            objects.append(make(output, [self.clang, *flags, *features, "-c", source, "-o", output],
                                [source] + headers()))
        return objects

    def wasm(self, program, simd):
        output = self.path(program, "simd.wasm" if simd else "plain.wasm")
        features = ["-msimd128"] if simd else []
        link = ["-Wl,-z,stack-size=1048576"]
        if program.threaded:
            features += ["-matomics", "-mbulk-memory", "-mmutable-globals"]
            link += ["-Wl,--shared-memory", "-Wl,--import-memory", "-Wl,--export-memory",
                     "-Wl,--max-memory=1073741824", f"-Wl,--initial-memory={THREAD_PAGES * 65536}"]
        if program.threaded and self.sysroot and not program.is_cxx:
            return self.wasm_of_libc(program, output, features, link)
        objects = self.guest_objects(program.threaded, program.is_cxx)
        # wasm-opt, which clang runs where it finds it, may not know the exceptions of today.
        language = [*CXX, *CXX_GUEST, "--no-wasm-opt"] if program.is_cxx else C
        command = [self.clang, "--target=wasm32", *language, *COMMON, *features, "-I", GUEST_LIB, "-nostdlib",
                   "-Wl,--no-entry", *link, program.source, *objects, "-o", output]
        return make(output, command, [program.source, *objects] + headers())

    def wasm_of_libc(self, program, output, features, link):
        """Against the C library of a sysroot that has pthreads, instead of the guests' library."""
        sources = [program.source, os.path.join(LIB, "main.c"), os.path.join(LIB, "host_libc.c")]
        command = [self.clang, "--target=wasm32-wasip1-threads", f"--sysroot={self.sysroot}", *C, *COMMON,
                   *features, "-DBENCH_LIBC", *link, "-pthread", *sources, "-o", output]
        return make(output, command, sources + headers())

    def wasm2c_runtime_files(self):
        """What the generated C is linked with; memory and exceptions have files of their own since 1.0.33."""
        files = [os.path.join(self.wasm2c_runtime, name)
                 for name in ("wasm-rt-impl.c", "wasm-rt-mem-impl.c", "wasm-rt-exceptions-impl.c")]
        return [file for file in files if os.path.exists(file)]

    def wasm2c_has_segue(self):
        # Debian has the header of 1.0.32 in the compiler's path instead.
        header = os.path.join(self.wasm2c_runtime, "wasm-rt.h")
        if not os.path.exists(header):
            return False
        with open(header) as file:
            return "WASM_RT_ALLOW_SEGUE" in file.read()

    def simde(self):
        """The folder with SIMDe, which wasm2c's runtime includes: Debian's, or the one that came with the runtime."""
        folders = ["/usr/include", os.path.join(os.path.dirname(self.wasm2c_runtime.rstrip("/")), "include")]
        return next((f for f in folders if os.path.exists(os.path.join(f, "simde", "wasm", "simd128.h"))), None)

    def wasm2c_program(self, program, cpu, options=()):
        """Options: simd, from the module with SIMD; segue, memory by segment register."""
        wasm = self.wasm(program, "simd" in options)
        folder = self.path(program, "wasm2c-simd" if "simd" in options else "wasm2c")
        os.makedirs(folder, exist_ok=True)
        code = os.path.join(folder, "program_wasm2c.c")
        make(code, [self.wasm2c, wasm, "-n", "program", "-o", code], [wasm, self.wasm2c])
        sources = [code, self.wasm2c_stubs(folder), *self.wasm2c_runtime_files(), os.path.join(LIB, "wasm2c_main.c")]
        flags = ["-DWASM_RT_ALLOW_SEGUE=1", "-DWASM_RT_SEGUE_FREE_SEGMENT=1", "-mfsgsbase"] if "segue" in options else []
        output = self.path(program, "-".join(["wasm2c", cpu, *options]))
        return make(output, self.wasm2c_compile(cpu) + [*flags, "-I", folder, *sources, "-lm", "-o", output],
                    sources)

    def wasm2c_stubs(self, folder):
        """Functions of WASI that the program imports but wasm2c_main.c lacks: all say that there is no such file."""
        with open(os.path.join(folder, "program_wasm2c.h")) as file:
            declared = re.findall(r"^u32 \w*wasi_\w*\([^;]*\)", file.read(), re.MULTILINE)
        output = os.path.join(folder, "stubs.c")
        with open(output, "w") as file:
            file.write('#include "program_wasm2c.h"\n')
            file.writelines(f"__attribute__((weak)) {function} {{ return 8; }}\n" for function in declared)
        return output

    def wasm2c_compile(self, cpu):
        """How C of wasm2c is compiled: without warnings about code that nobody wrote."""
        march = ["-march=native"] if cpu == "host" else []
        return [self.clang, "-O3", "-ffp-contract=off", "-fno-math-errno", "-w", *march,
                "-I", self.wasm2c_runtime, *(["-isystem", simde] if (simde := self.simde()) else [])]
