"""python3 -m unittest, with WASMAOT_TEST_MODULES (host.wasm, begin.wasm) and WASMAOT_TEST_GUESTS (programs
of WASI) naming directories, as ctest does."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import wasmaot

MODULES = os.environ["WASMAOT_TEST_MODULES"]
GUESTS = os.environ["WASMAOT_TEST_GUESTS"]


def read(directory, name):
    """A file's bytes."""
    with open(os.path.join(directory, name), "rb") as file:
        return file.read()


class Functions(unittest.TestCase):
    """host.wasm, whose import is `self.back`."""

    @classmethod
    def setUpClass(cls):
        cls.engine = wasmaot.Engine(optimization=1)
        cls.module = wasmaot.Module(cls.engine, read(MODULES, "host.wasm"))

    def setUp(self):
        self.back = lambda argument: argument
        self.store = wasmaot.Store(self.engine)
        self.instance = self.instantiate(self.module)

    def instantiate(self, module):
        """With the import."""
        function = wasmaot.Function(self.store, "i32", "i32", lambda argument: self.back(argument))
        linker = wasmaot.Linker(self.store)
        linker.define("host", "back", function)
        return linker.instantiate(module)

    def traps(self, code, name, *arguments):
        """A call that has to trap; the exception."""
        with self.assertRaises(wasmaot.Trap) as caught:
            self.instance[name](*arguments)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_calls(self):
        self.assertEqual(self.instance["add"](40, 2), 42)
        self.assertEqual(self.instance["add"](2**32 - 1, 0), -1)
        self.assertEqual(self.instance["call"](5), 1005)
        with self.assertRaises(TypeError):
            self.instance["add"](1)
        with self.assertRaises(TypeError):
            self.instance["add"](1.5, 1)
        with self.assertRaises(OverflowError):
            self.instance["add"](2**32, 1)
        with self.assertRaises(KeyError):
            self.instance["nothing"]

    def test_traps(self):
        for _ in range(100):
            self.traps(wasmaot.TrapCode.INTEGER_DIVIDE_BY_ZERO, "div", 1, 0)
            self.traps(wasmaot.TrapCode.MEMORY_OUT_OF_BOUNDS, "load", 70000000)
        trap = self.traps(wasmaot.TrapCode.STACK_EXHAUSTED, "sink", 0)
        self.assertEqual(trap.frames[0].function, "sink")
        self.assertGreater(len(trap.frames), 10)
        self.assertIsNone(trap.exit_status)
        self.assertIn("stack", str(trap))

    def test_exceptions_of_host_functions(self):
        for error in (ValueError("mine"), KeyboardInterrupt()):

            def fail(_argument, error=error):
                raise error

            self.back = fail
            for name in ("call", "guarded"):
                with self.assertRaises(type(error)) as caught:
                    self.instance[name](1)
                self.assertIs(caught.exception, error)
        self.back = lambda argument: "no number"
        with self.assertRaises(TypeError):
            self.instance["call"](1)
        self.back = lambda argument: None
        with self.assertRaises(TypeError):
            self.instance["call"](1)
        self.back = lambda argument: argument
        self.assertEqual(self.instance["call"](1), 1001)

    def test_nested(self):
        def descend(depth):
            self.traps(wasmaot.TrapCode.UNREACHABLE, "stop")
            if depth == 0:
                raise RuntimeError("the end")
            return self.instance["call"](depth - 1)

        self.back = descend
        with self.assertRaisesRegex(RuntimeError, "the end"):
            self.instance["call"](5)
        self.back = lambda depth: self.instance["call"](depth - 1) if depth else 0
        self.assertEqual(self.instance["call"](5), 6000)

    def test_start_function_raises(self):
        def fail(argument):
            raise LookupError(argument)

        self.back = fail
        with self.assertRaisesRegex(LookupError, "9"):
            self.instantiate(wasmaot.Module(self.engine, read(MODULES, "begin.wasm")))

    def test_interrupt(self):
        spinning = threading.Event()
        self.back = lambda argument: spinning.set() or argument
        done = []

        def interrupt():
            spinning.wait()
            done.append(self.store.interrupt(20))

        thread = threading.Thread(target=interrupt)
        thread.start()
        self.traps(wasmaot.TrapCode.INTERRUPTED, "spin")
        thread.join()
        self.assertEqual(done, [True])
        self.traps(wasmaot.TrapCode.INTERRUPTED, "add", 1, 1)
        self.store.resume()
        self.assertEqual(self.instance["add"](1, 1), 2)

    def test_memory(self):
        memory = self.instance["memory"]
        self.assertEqual(len(memory), 65536)
        memory.write(65532, b"\x2a\0\0\0")
        self.assertEqual(self.instance["load"](65532), 42)
        self.assertEqual(memory.read(65532, 4), b"\x2a\0\0\0")
        for offset, size in ((65533, 4), (-1, 1), (0, -1), (65537, 0)):
            with self.assertRaises(IndexError):
                memory.read(offset, size)
        self.assertEqual(memory.grow(3), 1)
        self.assertIsNone(memory.grow(1))
        self.assertEqual(memory.read(4 * 65536 - 1, 1), b"\0")

    def test_limits(self):
        engine = wasmaot.Engine(max_memory=2 * 65536)
        self.store = wasmaot.Store(engine)
        instance = self.instantiate(wasmaot.Module(engine, read(MODULES, "host.wasm")))
        self.assertIsNone(instance["memory"].grow(2))
        self.assertEqual(instance["memory"].grow(1), 1)
        for options in ({"optimization": 9}, {"stack": 1}, {"max_memory": 1}, {"features": "-nonsense"}):
            with self.assertRaises(wasmaot.Error):
                wasmaot.Engine(**options)

    def test_artifacts(self):
        artifact = self.module.serialize()
        self.instance = self.instantiate(wasmaot.Module.load(artifact))
        self.assertEqual(self.instance["add"](1, 2), 3)
        with tempfile.NamedTemporaryFile(suffix=".o") as file:
            file.write(artifact)
            file.flush()
            self.instance = self.instantiate(wasmaot.Module.load(file.name))
        self.traps(wasmaot.TrapCode.INTEGER_DIVIDE_BY_ZERO, "div", 1, 0)
        for bad in (b"", b"nonsense", artifact[:100]):
            with self.assertRaises(wasmaot.Error):
                wasmaot.Module.load(bad)
            with self.assertRaises(wasmaot.Error):
                wasmaot.Module(self.engine, bad)

    def test_missing_import(self):
        with self.assertRaisesRegex(wasmaot.Error, "back"):
            wasmaot.Linker(self.store).instantiate(self.module)

    def test_lives(self):
        """What is used keeps what it needs; closing is allowed in any order."""
        add = self.instance["add"]
        self.store, self.instance, store = None, None, self.store
        del store
        gc.collect()
        self.assertEqual(add(1, 2), 3)
        for _ in range(200):
            self.store = wasmaot.Store(self.engine)
            self.assertEqual(self.instantiate(self.module)["call"](1), 1001)
        self.instance = self.instantiate(self.module)
        self.store.close()
        with self.assertRaises((wasmaot.Error, KeyError)):
            self.instance["add"](1, 2)

    def test_threads(self):
        errors = []

        def work():
            try:
                store = wasmaot.Store(self.engine)
                linker = wasmaot.Linker(store)
                linker.define("host", "back", wasmaot.Function(store, "i32", "i32", lambda x: x + 1))
                instance = linker.instantiate(self.module)
                for i in range(200):
                    assert instance["call"](i) == 1001 + i
                    try:
                        instance["stop"]()
                        errors.append("no trap")
                    except wasmaot.Trap:
                        pass
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_handlers_of_python(self):
        """Python's own signals arrive while guests run, and so does a fault that is Python's."""
        got = []
        old = signal.signal(signal.SIGALRM, lambda *_: got.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        try:
            for _ in range(2000):
                self.instance["call"](1)
                self.traps(wasmaot.TrapCode.UNREACHABLE, "stop")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
        self.assertTrue(got)
        code = (
            "import faulthandler, ctypes, wasmaot; faulthandler.enable(); "
            "wasmaot.Store(wasmaot.Engine()); ctypes.string_at(8)"
        )
        child = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, check=False)
        self.assertEqual(child.returncode, -signal.SIGSEGV)
        self.assertIn(b"Fatal Python error: Segmentation fault", child.stderr)

    def test_forks(self):
        for _ in range(3):
            child = os.fork()
            if child == 0:
                try:
                    self.traps(wasmaot.TrapCode.UNREACHABLE, "stop")
                    self.assertEqual(self.instance["call"](1), 1001)
                    os._exit(0)
                finally:
                    os._exit(1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)


class Programs(unittest.TestCase):
    """Programs of WASI."""

    def output(self, guest, *args, **options):
        """Exit status and output."""
        with tempfile.TemporaryFile() as out:
            wasi = wasmaot.Wasi((guest,) + args, stdout=out, stdin=-1, **options)
            status = wasmaot.run(read(GUESTS, guest + ".wasm"), wasi)
            out.seek(0)
            return status, out.read()

    def test_output(self):
        self.assertEqual(self.output("hello")[0], 0)
        self.assertIn(b"ello", self.output("hello")[1])
        self.assertIn(b"some words", self.output("echo", "some words")[1])

    def test_threads(self):
        self.assertEqual(self.output("crew")[0], 0)

    def test_directories(self):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "file"), "wb") as file:
                file.write(b"what is in it")
            status, out = self.output("cat", "file", dirs={"/data": directory})
            self.assertEqual((status, out), (0, b"what is in it"))
        with self.assertRaises(wasmaot.Error):
            self.output("cat", dirs={"/data": "/nowhere/at/all"})

    def test_traps(self):
        with self.assertRaises(wasmaot.Trap) as caught:
            self.output("trap", "divide")
        self.assertEqual(caught.exception.code, wasmaot.TrapCode.INTEGER_DIVIDE_BY_ZERO)
        self.assertIn("level_three", [frame.function for frame in caught.exception.frames])

    def test_stop_and_timeout(self):
        engine = wasmaot.Engine(optimization=0)
        module = wasmaot.Module(engine, read(GUESTS, "states.wasm"))
        start = time.monotonic()
        for state in ("spin", "wait", "host"):
            group = wasmaot.Group()
            timer = threading.Timer(0.2, group.stop)
            timer.start()
            self.ends(wasmaot.TrapCode.INTERRUPTED, engine, module, state, group)
            timer.join()
            self.ends(wasmaot.TrapCode.TIMEOUT, engine, module, state, wasmaot.Group(timeout=0.2))
        self.assertLess(time.monotonic() - start, 20)

    def ends(self, code, engine, module, state, group):
        """Four threads of a guest in a state, with functions of the host that any of them calls."""
        ready = []
        store = wasmaot.Store(engine)
        linker = wasmaot.Linker(store)
        linker.define_wasi(wasmaot.Wasi(("states", state)))
        linker.define("host", "busy", wasmaot.Function(store, "", "i32", lambda: time.sleep(0.001) or 0))
        linker.define("host", "ready", wasmaot.Function(store, "", "i32", lambda: ready.append(1) or 0))
        linker.define("host", "verdict", wasmaot.Function(store, "", "i32", lambda: 0))
        with self.assertRaises(wasmaot.Trap) as caught:
            group.run_command(linker, module)
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(ready)


if __name__ == "__main__":
    unittest.main()
