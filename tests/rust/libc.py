"""wasi-libc with threads, built from its sources: what Rust's programs are linked with, and crates' C and C++ compiled for."""

import glob
import os
import shutil

from call import BuildError, call
TARGET = "wasm32-wasip1-threads"

REPOSITORY = "https://github.com/WebAssembly/wasi-libc"
TAG = "wasi-sdk-29"  # the last with a Makefile: the next need a newer CMake than Debian 12 has

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def clang():
    name = call(["sh", os.path.join(ROOT, "cmake", "find-clang.sh")], ROOT).strip()
    return shutil.which(name)


def llvm_tool(name):
    """The tool of the same LLVM as clang."""
    suffix = os.path.basename(clang()).removeprefix("clang")
    found = shutil.which(name + suffix) or shutil.which(name)
    if not found:
        raise BuildError(f"no {name}{suffix}: apt-get install llvm{suffix}")
    return found


def builtins():
    """The compiler's own library for wasm32."""
    folder = call([clang(), "--print-resource-dir"], ROOT).strip()
    found = glob.glob(os.path.join(folder, "lib", "*", "libclang_rt.builtins-wasm32.a"))
    if not found:
        raise BuildError(f"no libclang_rt.builtins-wasm32.a in {folder}: apt-get install libclang-rt-*-dev-wasm32")
    return found[0]


class Libc:
    def __init__(self, folder, repository, jobs):
        self.folder = os.path.join(folder, "libc")
        self.repository = repository or REPOSITORY
        self.jobs = jobs

    def sysroot(self):
        root = os.path.join(self.folder, "sysroot")
        if os.path.exists(root):
            return root
        source = os.path.join(self.folder, "source")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        try:
            call(["git", "clone", "--quiet", "--depth=1", f"--branch={TAG}", self.repository, source], self.folder)
        except BuildError as error:
            raise BuildError(f"no sources of wasi-libc: {str(error).splitlines()[-1]}; name a clone of it: "
                             "--libc REPOSITORY") from error
        call(["make", f"-j{self.jobs}", "THREAD_MODEL=posix", f"CC={clang()}", f"AR={llvm_tool('llvm-ar')}",
              f"NM={llvm_tool('llvm-nm')}", f"BUILTINS_LIB={builtins()}", f"SYSROOT={root}.new",
              f"OBJDIR={self.folder}/objects", "no-check-symbols"], source)
        os.rename(root + ".new", root)
        return root

    def libraries(self):
        """The folder with libc.a and what programs start with."""
        return os.path.join(self.sysroot(), "lib", TARGET)

    def environment(self):
        """For build scripts of crates that compile C."""
        name = TARGET.replace("-", "_")
        return {f"CC_{name}": clang(), f"AR_{name}": llvm_tool("llvm-ar"),
                f"CFLAGS_{name}": f"--sysroot={self.sysroot()} -pthread"}
