#!/usr/bin/env python3
"""Command lines of people who come from other engines, and the mistakes that they bring along.

The options of `wasmtime run`, version 46, by their names; the command called as `wasmtime`; a file in place
of a command; a module on standard input; modules that are linked on the command line, alone and together
with threads, memories, start functions and --invoke; and files that are no preview 1 module at all.
"""
import argparse
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TRAPPED, TIMED_OUT, FAILED, USAGE = 134, 124, 1, 2

# Every key of wasmtime 46, so that none is unknown here. A name ending in '-' is a beginning.
KEYS = {
    'O': '''opt-level regalloc-algorithm memory-may-move memory-reservation memory-reservation-for-growth
        memory-guard-size gc-heap-may-move gc-heap-reservation gc-heap-reservation-for-growth
        gc-heap-guard-size guard-before-linear-memory table-lazy-init pooling-allocator
        pooling-decommit-batch-size pooling-max-memory-size pooling-pagemap-scan memory-init-cow
        memory-guaranteed-dense-image-size signals-based-traps dynamic-memory-guard-size
        static-memory-guard-size static-memory-forced static-memory-maximum-size
        dynamic-memory-reserved-for-growth''',
    'C': '''compiler collector cranelift-debug-verifier cache cache-config parallel-compilation
        native-unwind-info inlining metadata-for-internal-asserts metadata-for-gc-heap-corruption
        cranelift-opt''',
    'D': '''debug-info guest-debug address-map logging log-to-files coredump debugger arg inherit-stdin
        inherit-stdout inherit-stderr max-backtrace''',
    'W': '''nan-canonicalization fuel epoch-interruption max-wasm-stack async-stack-size
        async-stack-zeroing unknown-exports-allow unknown-imports-trap unknown-imports-default wmemcheck
        max-memory-size max-table-elements max-instances max-tables max-memories trap-on-grow-failure
        timeout all-proposals bulk-memory multi-memory multi-value reference-types simd relaxed-simd
        relaxed-simd-deterministic tail-call threads shared-memory shared-everything-threads memory64
        component-model component-model-async component-model-gc component-model-map
        function-references stack-switching gc custom-page-sizes wide-arithmetic branch-hinting
        extended-const exceptions gc-support concurrency-support''',
    'S': '''cli cli-exit-with-code common nn threads http http-outgoing-body-buffer-chunks
        http-outgoing-body-chunk-size config keyvalue listenfd tcplisten tls preview2 nn-graph
        inherit-network allow-ip-name-lookup tcp udp network-error-code preview0 inherit-env
        inherit-stdin inherit-stdout inherit-stderr cwd config-var keyvalue-in-memory-data p3
        max-resources hostcall-fuel max-random-size max-http-fields-size''',
}
# A value for keys that must have one.
VALUES = {'opt-level': '2', 'max-wasm-stack': '1048576', 'max-memory-size': '268435456',
          'max-table-elements': '1000', 'timeout': '50s', 'tcplisten': '127.0.0.1:0',
          'coredump': '/dev/null'}
# Proposals that the guest below needs, so that it cannot run without.
NEEDED = {'threads', 'shared-memory', 'bulk-memory'}

WASI = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))'
SPAWN = '(import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))'
SHARED = '(import "env" "memory" (memory 1 4 shared))'


class Test:
    def __init__(self, options, work):
        self.wasmaot = options.wasmaot
        self.wat2wasm = options.wat2wasm
        self.guests = pathlib.Path(options.guests)
        self.work = pathlib.Path(work)
        self.checks = self.failures = 0
        self.done = None
        os.environ['WASMAOT_CACHE_DIR'] = str(self.work / 'cache')
        self.wasmtime = self.work / 'wasmtime'
        self.wasmtime.symlink_to(self.wasmaot)

    # ---- Tools ----

    def wat(self, name, text):
        source = self.work / f'{name}.wat'
        source.write_text(f'(module {text})')
        binary = self.work / f'{name}.wasm'
        subprocess.run([self.wat2wasm, '--enable-threads', source, '-o', binary], check=True)
        return binary

    def expect(self, right, what):
        self.checks += 1
        if right:
            return
        self.failures += 1
        done = self.done
        print(f'FAILED: {what}\n  after: {" ".join(map(str, done.args))}: status {done.returncode}')
        print(f'  out: {done.stdout[:400]!r}\n  err: {done.stderr[:600]!r}')

    def run(self, *args, status=0, out=None, err=None, command=None, stdin=b'', env=None):
        """Runs the command and checks its end; `err`, what one line on stderr holds (None: there is none)."""
        words = [command or self.wasmaot, *map(str, args)]
        environment = dict(os.environ, **env) if env else None
        self.done = subprocess.run(words, input=stdin, capture_output=True, timeout=120, env=environment)
        self.done.stdout = self.done.stdout.decode(errors='replace')
        self.done.stderr = self.done.stderr.decode(errors='replace')
        self.expect(self.done.returncode == status, f'status is not {status}')
        if out is not None:
            self.expect(out in self.done.stdout, f'output has no {out!r}')
        if err is not None:
            self.expect(err in self.done.stderr, f'error output has no {err!r}')
            if status != TRAPPED:
                lines = self.done.stderr.splitlines()
                self.expect(len(lines) == 1 and lines[0].startswith('wasmaot: '), 'not one line of its own')
        elif status == 0:
            self.expect(self.done.stderr == '', 'something on stderr')
        return self.done

    # ---- wasmtime's options ----

    def every_key(self):
        exit7 = self.wat('exit7', f'{WASI} {SHARED} (func (export "_start") (memory.fill (i32.const 0) '
                         '(i32.const 0) (i32.const 9)) (call $exit (i32.const 7)))')
        self.run('run', exit7, status=7)
        for group, names in KEYS.items():
            self.run('run', f'-{group}', 'help', out=f'Keys of -{group}')
            for name in names.split():
                self.one_key(exit7, group, name)
            self.run('run', f'-{group}', 'nonsense', exit7, status=USAGE, err="'nonsense'")
            self.run('run', f'-{group}', '', exit7, status=USAGE, err='unknown key')
            self.run('run', f'-{group}', status=USAGE, err='needs a value')

    def one_key(self, module, group, name):
        """Each way to give it: it is taken, or refused with what to do instead; never unknown."""
        value = VALUES.get(name)
        for given in [f'{name}={value}'] if value else [name, f'{name}=y', f'{name}=n']:
            done = subprocess.run([self.wasmaot, 'run', f'-{group}{given}', module],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
            self.done = done
            off = name in NEEDED and given.endswith('=n')
            quiet = done.stderr == '' or name == 'debug-info' and 'no debug information' in done.stderr
            fine = done.returncode == 7 and quiet and not off
            refused = (done.returncode == USAGE and done.stderr.count('\n') == 1 and
                       done.stderr.startswith(f'wasmaot: -{group} '))
            without = off and done.returncode == FAILED and 'switched off' in done.stderr
            self.expect(fine or refused or without, f'-{group} {given}')
            self.expect('unknown key' not in done.stderr, f'-{group} {given} is unknown')
        if value:
            self.run('run', f'-{group}', name, module, status=USAGE, err='needs a value')
            wrong = '-1' if name != 'tcplisten' else 'nowhere'
        if value and name != 'coredump':  # any text may be a file's name
            self.run('run', f'-{group}', f'{name}={wrong}', module, status=USAGE, err='-1' if wrong == '-1' else wrong)

    def effects(self):
        grow = self.wat('grow', f'''{WASI} (memory 1) (func (export "_start")
            (call $exit (i32.eq (memory.grow (i32.const 15)) (i32.const -1))))''')
        self.run('run', grow)
        self.run('run', '-W', 'max-memory-size=131072', grow, status=1)
        self.run('run', '-Wmax-memory-size=0x200000,simd=n', grow)
        self.run('run', '--wasm', 'max-memory-size=128K', grow, status=1)
        self.run('run', '-W', 'max-memory-size=65535', grow, status=USAGE, err='-W max-memory-size: ')
        table = self.wat('table', f'''{WASI} (table 1 funcref) (func (export "_start") (call $exit
            (i32.eq (table.grow 0 (ref.null func) (i32.const 99)) (i32.const -1))))''')
        self.run('run', '-W', 'max-table-elements=50', table, status=1)
        deep = self.wat('deep', f'''{WASI} (func $f (param i32) (if (local.get 0)
            (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $exit (i32.const 9)))))
            (func (export "_start") (call $f (i32.const 100000)))''')
        self.run('run', '-W', 'max-wasm-stack=262144', deep, status=TRAPPED, err='call stack exhausted')
        unknown = self.wat('unknown', '''(import "env" "f" (func $f)) (func (export "_start")
            (call $f))''')
        self.run('run', '-W', 'unknown-imports-trap', unknown, status=TRAPPED, err='`env`.`f` was called')
        self.run('run', '-W', 'unknown-imports-trap=n', unknown, status=FAILED, err='unknown import')
        self.run('run', '-W', 'unknown-imports-trap=maybe', unknown, status=USAGE, err="'maybe' is neither y nor n")
        endless = self.wat('endless', '(func (export "_start") (loop (br 0)))')
        for given in '300ms', '0.3s', '0.3':
            self.run('run', '-W', f'timeout={given}', endless, status=TIMED_OUT, err='0.3 seconds')
        self.run('run', '-W', 'timeout=1d', endless, status=USAGE, err="'1d' is not a number of seconds")
        self.run('run', '-W', 'timeout=9999999999999999h', endless, status=USAGE, err='not a number of seconds')
        echo = self.guests / 'echo.wasm'
        env = {'DROPIN_ONE': '1', 'DROPIN_TWO': '2'}
        self.run('run', '-S', 'inherit-env', echo, env=env, out='env: DROPIN_ONE=1')
        self.run('run', '--inherit-env', '--env', 'DROPIN_ONE=3', echo, env=env, out='env: DROPIN_ONE=3')
        self.expect('DROPIN_ONE=1' not in self.done.stdout and 'DROPIN_TWO=2' in self.done.stdout, 'one of each')
        self.run('run', '--inherit-env', '--env', 'DROPIN_NOT', echo, env=env, out='env: DROPIN_TWO=2')
        self.run('run', '-S', 'inherit-env', '-S', 'inherit-env=n', echo, env=env)
        self.expect('DROPIN' not in self.done.stdout, 'nothing is inherited')
        self.run('run', '--inherit-env=y', echo, status=USAGE, err='takes no value')
        serve = self.guests / 'serve.wasm'
        self.run('run', '-S', 'tcplisten=nowhere', serve, '0', status=USAGE, err='not an address and port')
        shutil.rmtree(self.work / 'cache', ignore_errors=True)
        self.run('run', '-C', 'cache=n,parallel-compilation=n', echo)
        self.expect(not list((self.work / 'cache').glob('**/*.o')), 'nothing is kept')
        self.run('run', '-C', 'cache', '-O', 'opt-level=0', '-O1', '--optimize', '2', echo)
        self.expect((self.work / 'cache').exists(), 'something is kept')
        self.run('run', '-O', '4', echo, status=USAGE, err='-O opt-level: ')
        for wrong in ('fast', 's', '-1'):
            self.run('run', '-O', wrong, echo, status=USAGE, err=f"'{wrong}' is none of 0, 1, 2, 3, auto")
        self.run('run', '-O', 'opt-levle=1', echo, status=USAGE, err="did you mean 'opt-level'?")
        self.run('run', '-O', 'opt-level=s', echo, status=USAGE, err='is none of 0, 1, 2, 3, auto')
        self.run('run', '--wasm-features', 'all,-threads', self.guests / 'demo.wasm', status=FAILED, err='threads')
        self.run('run', '--wasm-features', 'x', echo, status=USAGE, err='no WebAssembly proposal')
        self.run('run', '--wasm-features', '-threads', '-W', 'threads', self.guests / 'demo.wasm')
        self.run('run', '--profile', 'guest', echo, status=USAGE, err='none of none, perfmap, jitdump')
        self.run('run', '-W', 'simd=n,simd=y,,', echo, status=USAGE, err='unknown key')

    def unknown_options(self):
        echo = self.guests / 'echo.wasm'
        for given, advice in [('--mapdir=a::b', '--dir=HOST::GUEST'), ('--stack-size=1', '--max-stack'),
                              ('--heap-size=1', 'leave it out'), ('--addr-pool=1', '--tcplisten'),
                              ('--volume', '--dir'), ('--enable-threads', 'leave it out'), ('--net', '--tcplisten'),
                              ('--forward-host-env', '--inherit-env'), ('--wasm-timeout=1', '--timeout'),
                              ('--envv=1', "did you mean '--env'?"), ('--max-thread=1', "'--max-threads'?"),
                              ('--timeuot=1', "'--timeout'?"), ('--zzzzzzzz', '--help'), ('-Z', '--help'),
                              ('--' + 'x' * 5000, '--help')]:
            self.run('run', given, echo, status=USAGE, err=advice)
        for given, advice in [('rnu', "'run'?"), ('compil', "'compile'?"), ('zzz', '--help')]:
            self.run(given, status=USAGE, err=advice)
        self.run('run', '-S', 'inherit-enf', echo, status=USAGE, err="did you mean 'inherit-env'?")

    # ---- Ways to start ----

    def ways(self):
        echo, exits = self.guests / 'echo.wasm', self.guests / 'exit.wasm'
        self.run(echo, '--dir', 'x', out='arg 1: --dir')
        self.run('--env', 'A=1', echo, 'x', out='env: A=1')
        self.run('-W', 'simd=n', exits, '9', status=9)
        self.run('./nothing.wasm', status=FAILED, err='No such file')
        bytes_of = exits.read_bytes()
        for words in [['-', '7'], ['run', '-', '7'], ['run', '--no-cache', '-', '7']]:
            self.run(*words, stdin=bytes_of, status=7, out='exiting')
        self.run('-', stdin=b'', status=FAILED, err='-: the file is empty')
        self.run('-', stdin=bytes_of[:50], status=FAILED, err='-:0x')
        self.run('-', stdin=b'(module)', status=FAILED, err='wat2wasm')
        self.run('run', '--env=X=1', '--argv0', 'me', '-', stdin=echo.read_bytes(), out='arg 0: me')
        reactor = (self.guests / 'reactor.wasm').read_bytes()
        self.run('run', '--invoke', 'add', '-', 2, 3, stdin=reactor, out='5\n')
        # What is native code stays refused by every new way in.
        native = self.work / 'exit.o'
        self.run('compile', exits, '-o', native)
        named = self.work / 'named.wasm'
        shutil.copy(native, named)
        for words in [['-', '7'], ['run', '--native', '-', '7'], ['run', '--allow-precompiled', '-', '7']]:
            self.run(*words, stdin=native.read_bytes(), status=FAILED, err='never run from standard input')
            self.expect(self.done.stdout == '', 'nothing ran')
        self.run(named, '7', status=FAILED, err='is native code')
        self.run('run', '--preload', f'x={named}', exits, '7', status=FAILED, err=f'{named}: is native code')
        self.expect(self.done.stdout == '', 'nothing ran')
        self.run(native, '7', status=7)
        self.run('run', '--allow-precompiled', named, '7', status=7)
        # By the kernel: modules only, whatever is preloaded.
        interpreter = self.work / 'wasmaot-run'
        interpreter.symlink_to(self.wasmaot)
        self.run(exits, '7', command=interpreter, status=FAILED, err='runs modules only',
                 env={'WASMAOT_OPTIONS': f'--preload=x={native}'})
        return native, named

    def as_wasmtime(self, native, named):
        exits, echo = self.guests / 'exit.wasm', self.guests / 'echo.wasm'
        as_it = dict(command=self.wasmtime)
        # What rustc's own test suite says, word for word.
        self.run('run', '-C', 'cache=n', '--dir', '.', '--env', 'RUSTC_BOOTSTRAP', exits, '101', status=101, **as_it)
        self.run('run', '-Wexceptions', '-C', 'cache=n', '--dir', '.', '-S', 'threads', self.guests / 'demo.wasm',
                 **as_it)
        self.run(exits, '3', status=3, **as_it)
        self.run('--dir=.', echo, 'a', out='arg 1: a', **as_it)
        self.run('run', '--', echo, out='arg 0: echo.wasm', **as_it)
        options = {'WASMAOT_OPTIONS': "-O0 --env 'A=b c'"}
        self.run('run', '--env', 'B=1', echo, 'x', env=options, out='env: A=b c', **as_it)
        self.expect('env: B=1' in self.done.stdout and 'arg 1: x' in self.done.stdout, 'both count')
        self.run(echo, env={'WASMAOT_OPTIONS': "'"}, status=USAGE, err='a quote is not closed', **as_it)
        self.run(echo, env={'WASMAOT_OPTIONS': '--env C=1'}, out='arg 0: echo.wasm')
        self.expect('C=1' not in self.done.stdout, 'only under that name')
        trap = self.wat('trap', '(func (export "_start") unreachable)')
        self.run(trap, status=TRAPPED, err='trap: unreachable', **as_it)
        endless = self.work / 'endless.wasm'
        self.run('run', '-W', 'timeout=200ms', endless, status=TRAPPED, err='0.2 seconds', **as_it)
        for words in [[native, '7'], [named, '7'], ['run', native, '7'], ['--native=x', native]]:
            status = USAGE if '--native=x' in words else FAILED
            self.run(*words, status=status, err='--allow-precompiled' if status == FAILED else 'takes no value', **as_it)
            self.expect(self.done.stdout == '', 'nothing ran')
        self.run('--allow-precompiled', named, '7', status=7, **as_it)
        self.run('run', '--preload', f'x={native}', exits, '7', status=FAILED, err='--allow-precompiled', **as_it)
        for name in 'serve', 'wast', 'explore', 'wizer':
            self.run(name, status=USAGE, err='is a command of wasmtime', **as_it)
        self.run('--version', out='called as wasmtime', **as_it)
        self.run('nothing.wasm', status=FAILED, err='No such file', **as_it)
        self.run(status=USAGE, **as_it)
        self.run('compile', exits, '-o', self.work / 'again.o', **as_it)

    # ---- --preload ----

    def preloads(self):
        work = self.work
        self.wat('math', '''(memory (export "memory") 1) (global $n (mut i32) (i32.const 40))
            (func (export "add") (param i32) (result i32)
              (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
            (func (export "both") (result i32 i32) (i32.const 3) (i32.const 4))
            (global (export "answer") i32 (i32.const 42))''')
        self.wat('uses', f'''{WASI} (import "math" "add" (func $add (param i32) (result i32)))
            (import "math" "memory" (memory 1)) (import "math" "answer" (global $answer i32))
            (func (export "_start") (i32.store (i32.const 8) (call $add (i32.const 2)))
              (call $exit (i32.eq (i32.load (i32.const 8)) (global.get $answer))))
            (func (export "sum") (param i32) (result i32) (call $add (local.get 0)))''')
        math, uses = work / 'math.wasm', work / 'uses.wasm'
        with_math = ['run', '--preload', f'math={math}']
        self.run(*with_math, uses, status=1)
        self.run('run', uses, status=FAILED, err='--preload=NAME=FILE')
        self.run(*with_math, '--invoke', 'sum', uses, '5', out='45\n')
        self.run(*with_math, '-O0', '--no-cache', uses, status=1)
        self.run(*with_math, '-', stdin=uses.read_bytes(), status=1)
        # Objects, for the program and for what it is linked to.
        for name in 'math', 'uses':
            self.run('compile', work / f'{name}.wasm', '-o', work / f'{name}.o')
        self.run('run', '--preload', f'math={work / "math.o"}', work / 'uses.o', status=1)
        # One that imports from another, in this order only.
        self.wat('more', '''(import "math" "add" (func $add (param i32) (result i32)))
            (func (export "add") (param i32) (result i32) (call $add (i32.mul (local.get 0) (i32.const 2))))
            (memory (export "memory") 1) (global (export "answer") i32 (i32.const 44))''')
        self.wat('uses2', '''(import "more" "add" (func $add (param i32) (result i32)))
            (func (export "sum") (param i32) (result i32) (call $add (local.get 0)))''')
        more = ['--preload', f'more={work / "more.wasm"}']
        self.run(*with_math, *more, '--invoke', 'sum', work / 'uses2.wasm', 3, out='46\n')
        self.run('run', *more, *with_math[1:], '--invoke', 'sum', work / 'uses2.wasm', 3, status=FAILED,
                 err=f'{work / "more.wasm"}: import `math`.`add`')
        # Start functions, _initialize, and how they end.
        self.wat('begins', '''(global $n (mut i32) (i32.const 1)) (func $start (global.set $n (i32.const 20)))
            (start $start) (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 3))))
            (func (export "n") (result i32) (global.get $n))''')
        self.wat('asks', '''(import "b" "n" (func $n (result i32))) (func (export "ask") (result i32) (call $n))''')
        self.run('run', '--preload', f'b={work / "begins.wasm"}', '--invoke', 'ask', work / 'asks.wasm', out='23\n')
        for end, status, text in [('unreachable', TRAPPED, 'trap: unreachable'), ('(call $exit (i32.const 5))', 5, ''),
                                  ('(loop (br 0))', TIMED_OUT, '--timeout')]:
            self.wat('ends', f'''{WASI} (func $start {end}) (start $start) (func (export "n") (result i32)
                (i32.const 1))''')
            self.run('run', '--timeout=' + ('0.5' if status == TIMED_OUT else '50'), '--preload',
                     f'b={work / "ends.wasm"}', '--invoke', 'ask', work / 'asks.wasm', status=status, err=text or None)
            self.expect(self.done.stdout == '', 'nothing was called')
        # In place of a function of WASI.
        self.wat('shim', '(func (export "proc_exit") (param i32) unreachable)')
        self.run('run', '--preload', f'wasi_snapshot_preview1={work / "shim.wasm"}', uses, status=FAILED,
                 err='`math`.`add`')
        self.run(*with_math, '--preload', f'wasi_snapshot_preview1={work / "shim.wasm"}', uses, status=TRAPPED,
                 err='trap: unreachable')
        # A memory that both import is one; limits hold for all together.
        self.wat('left', '''(import "env" "memory" (memory 1)) (func (export "get") (param i32) (result i32)
            (i32.load (local.get 0)))''')
        self.wat('right', '''(import "env" "memory" (memory 1)) (import "left" "get" (func $get (param i32) (result i32)))
            (data (i32.const 16) "\\2a") (func (export "look") (result i32) (call $get (i32.const 16)))''')
        self.run('run', '--preload', f'left={work / "left.wasm"}', '--invoke', 'look', work / 'right.wasm', out='42\n')
        self.run('run', '--max-memory=64K', '--preload', f'math={math}', work / 'right.wasm', status=FAILED)
        # Wrong types, wrong options.
        self.wat('wrong', '(func (export "add") (result i64) (i64.const 1))')
        self.run('run', '--preload', f'more={work / "wrong.wasm"}', '--invoke', 'sum', work / 'uses2.wasm', 1,
                 status=FAILED, err='incompatible import type')
        for bad, text in [('math', 'is not NAME=FILE'), ('=x', 'is not NAME=FILE'), ('x=', 'is not NAME=FILE'),
                          ('x=-', 'only the program')]:
            self.run('run', '--preload', bad, uses, status=USAGE, err=text)
        self.run(*with_math, '--preload', f'math={math}', uses, status=USAGE, err='given twice')
        self.run('run', '--preload', f'x={work / "nothing.wasm"}', uses, status=FAILED, err='nothing.wasm: cannot open')
        self.run('run', '--preload', f'x={self.guests / "hello.wasm"}', uses, status=FAILED, err='is a program')
        self.run('run', '--preload', status=USAGE, err='needs a value')

    def preloads_with_threads(self):
        """One instance of the library for all threads; its own memory and the program's shared one."""
        work = self.work
        self.wat('counter', f'''{SHARED} (func (export "count")
            (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))''')
        program = f'''{WASI} {SPAWN} {SHARED} (import "counter" "count" (func $count))
            (func (export "wasi_thread_start") (param i32 i32) (call $count))
            (func (export "_start") (local $i i32)
              (loop $more
                (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0)) (then unreachable))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $more (i32.lt_u (local.get $i) (i32.const 16))))
              (loop $wait
                (drop (memory.atomic.wait32 (i32.const 0) (i32.const 15) (i64.const 1000000)))
                (br_if $wait (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 16))))
              (call $exit (i32.const 3)))'''
        self.wat('crowd', program)
        counter = ['--preload', f'counter={work / "counter.wasm"}']
        for level in range(4):
            self.run('run', f'-O{level}', '--timeout=60', *counter, work / 'crowd.wasm', status=3)
        self.run('run', '-S', 'threads', '-W', 'threads,shared-memory', *counter, work / 'crowd.wasm', status=3)
        # The library has the memory, the program imports it.
        self.wat('owner', '''(memory (export "memory") 1 4 shared) (func (export "count")
            (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))''')
        self.wat('crowd2', program.replace('"env" "memory"', '"counter" "memory"'))
        self.run('run', '--timeout=60', '--preload', f'counter={work / "owner.wasm"}', work / 'crowd2.wasm', status=3)
        # A trap in the library ends all threads; so does an endless loop with a timeout.
        for end, status, text in [('unreachable', TRAPPED, 'in thread'), ('(loop (br 0))', TIMED_OUT, '--timeout')]:
            self.wat('bad', f'(func (export "count") {end})')
            self.run('run', '--timeout=1', '--preload', f'counter={work / "bad.wasm"}', work / 'crowd.wasm',
                     status=status, err=text)
        # What would let a thread's functions outlive it, and threads of the library's own.
        self.wat('tables', '(table (export "t") 4 funcref) (func (export "count"))')
        self.wat('leaky', program.replace(SHARED, SHARED + '(import "counter" "t" (table 4 funcref))'))
        self.run('run', '--preload', f'counter={work / "tables.wasm"}', work / 'leaky.wasm', status=FAILED,
                 err='cannot import that')
        self.wat('spawner', f'{SPAWN} {SHARED} (func (export "count"))')
        self.run('run', '--preload', f'counter={work / "spawner.wasm"}', work / 'crowd.wasm', status=FAILED,
                 err='which only the program may')

    # ---- What was complained about in wasi-threads elsewhere ----

    def growth_in_a_thread(self):
        grow = self.wat('grow_in_thread', f'''{WASI} {SPAWN} (import "env" "memory" (memory 1 1000 shared))
            (func (export "wasi_thread_start") (param i32 i32)
              (i32.store (i32.const 8) (memory.grow (i32.const 500)))
              (i32.atomic.store (i32.const 4) (i32.const 1))
              (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
            (func (export "_start") (drop (call $spawn (i32.const 0)))
              (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
              (call $exit (i32.add (i32.load (i32.const 8)) (i32.const 5))))''')
        self.run('run', grow, status=6)
        for limit in ['--max-memory=1M'], ['-W', 'max-memory-size=1048576'], ['-W', 'max-memory-size=65536']:
            self.run('run', *limit, grow, status=4)
        self.run('run', '-W', 'max-memory-size=32833536', grow, status=6)  # 501 pages are just enough
        self.run('run', '-W', 'max-memory-size=32833535', grow, status=4)

    def spawns_without_end(self):
        spawn = self.wat('spawn', f'''{WASI} {SPAWN} {SHARED}
            (func (export "wasi_thread_start") (param i32 i32)
              (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
            (func (export "_start") (local $n i32)
              (loop $more (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0)) (then
                (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $more))))
              (call $exit (local.get $n)))''')
        for most in 1, 7, 100:
            self.run('run', f'--max-threads={most}', spawn, status=most)

    def waits_that_time_out(self):
        ways = {'wait': '(drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))',
                'spin': '(loop (br 0))',
                'read': '(drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))'}
        for main in ways.values():
            for thread in ways.values():
                module = self.wat('blocks', f'''(import "wasi_snapshot_preview1" "fd_read"
                    (func $read (param i32 i32 i32 i32) (result i32))) {SPAWN} {SHARED} (data (i32.const 16) "\\40\\00\\00\\00\\01")
                    (func (export "wasi_thread_start") (param i32 i32) {thread} (loop (br 0)))
                    (func (export "_start") (drop (call $spawn (i32.const 0))) {main} (loop (br 0)))''')
                ends = os.pipe()
                words = [self.wasmaot, 'run', '--timeout=300ms', module]
                self.done = subprocess.run(words, stdin=ends[0], capture_output=True, text=True, timeout=60)
                self.expect(self.done.returncode == TIMED_OUT, f'{main} and {thread}')
                os.close(ends[0])
                os.close(ends[1])

    def threads_with_a_timeout(self):
        self.run('run', '-S', 'threads', '-W', 'threads,shared-memory,timeout=100s', self.guests / 'demo.wasm',
                 out='all results are right')

    def documentation(self, path):
        """The page's options are there, and so are the tests that it names."""
        text = pathlib.Path(path).read_text()
        for name in re.findall(r'`dropin\.(\w+)`', text):
            self.expect(hasattr(self, name), f'no test {name}')
        offered = {}
        for command in 'run', 'compile':
            offered[command] = self.run(command, '--help').stdout
        rows = [line.split('|')[1:-1] for line in text.splitlines() if line.startswith('|')]
        flags = set()
        for cells in rows:
            if len(cells) == 3:
                flags |= set(re.findall(r'`(--[a-z-]+)', cells[1]))
        self.expect(len(flags) > 15, 'no options in the page')
        for flag in flags - {'--emit'}:
            self.expect(any(f'{flag}' in text for text in offered.values()), f'{flag} is no option')

    # ---- Mistakes ----

    def mistakes(self):
        work = self.work

        def given(name, data, text, commands=('run', 'compile', 'validate', 'inspect'), status=FAILED):
            path = work / name
            path.write_bytes(data)
            for command in commands:
                self.run(command, path, status=status, err=text)
                self.expect(f'{path}' in self.done.stderr, 'the file is named')

        module = (self.guests / 'hello.wasm').read_bytes()
        given('a.wasm', b'\0asm\x0d\0\1\0', 'wasm32-wasip1')
        given('b.wasm', gzip.compress(module), 'gunzip')
        given('c.wasm', b'(module)', 'wat2wasm')
        given('d', b';; a comment (\n (; another ;) \n(module $x\n)', 'wat2wasm')
        given('d2', b'(; never ends', 'neither')
        given('d3', b'(component)', 'wasm32-wasip1')
        given('e.js', b'var Module = {};', 'JavaScript')
        given('f.wasm', b'<!DOCTYPE html><html>404', 'HTML')
        given('g.wasm', b'version https://git-lfs.github.com/spec/v1\n', 'git lfs pull')
        given('h.wasm', b'BC\xc0\xde', 'bitcode')
        given('i.a', b'!<arch>\n', 'static library')
        given('j.wasm', b'\x28\xb5\x2f\xfd', 'unzstd')
        given('k.wasm', b'PK\3\4', 'unzip')
        given('l.exe', b'MZ\x90', 'Windows')
        given('m', b'#!/bin/sh\n', 'script')
        given('n.wasm', b'\xff' * 600, 'neither a WebAssembly module')
        linking = b'\0asm\1\0\0\0' + b'\0\x08\x07linking'
        given('o.wasm', linking, 'not linked yet', ('run', 'compile'))
        given('o2.wasm', b'\0asm\1\0\0\0' + b'\0\x09\x08dylink.0', 'dynamic linking', ('run', 'compile'))
        self.run('validate', work / 'o.wasm')
        # Sections that are cut off, or say that they are longer than the file, are the decoder's to refuse.
        for data in linking[:-3], b'\0asm\1\0\0\0\0\xff\xff\xff\xff\x0f\x07linking', b'\0asm\1\0\0\0\0':
            given('p.wasm', data, 'p.wasm:0x', ('run', 'compile'))
        # ELF files of others.
        shutil.copy('/bin/sh', work / 'sh.o')
        for words in ['run', work / 'sh.o'], ['run', '--native', '/bin/sh'], ['inspect', '/bin/sh'], \
                ['compile', '/bin/sh', '-o', work / 'x.o']:
            self.run(*words, status=FAILED, err="that 'wasmaot compile' did not make")

    def imports(self):
        def missing(text, *expected, more=''):
            module = self.wat('imports', f'{text} (func (export "_start")) {more}')
            self.run(module, status=FAILED, err='unknown import')
            for piece in expected:
                self.expect(piece in self.done.stderr, f'no {piece!r}')

        def func(module, name):
            return f'(import "{module}" "{name}" (func))'

        missing(func('env', 'emscripten_resize_heap'), 'Emscripten', '-sSTANDALONE_WASM')
        missing(func('env', 'invoke_ii'), 'Emscripten')
        missing(func('__wbindgen_placeholder__', '__wbindgen_throw'), 'wasm-bindgen', 'wasm32-wasip1')
        missing(func('./x_bg.js', '__wbg_new_1'), 'wasm-bindgen')
        missing(func('gojs', 'runtime.wasmExit'), 'GOOS=wasip1')
        missing(func('wasi:io/streams@0.2.0', 'f'), 'component')
        missing(func('wasix_32v1', 'thread_spawn_v2'), 'WASIX')
        missing('(import "env" "__linear_memory" (global i32))', 'not linked completely')
        missing(func('wasi_snapshot_preview1', 'sock_open'), 'no such function')
        missing(func('host', 'f'), '--preload=NAME=FILE')
        missing(f'{WASI} {func("host", "f")}', '--preload=NAME=FILE')
        # All of them at once, within bounds.
        names = [func('host', f'f{i}') for i in range(3)]
        missing(' '.join(names), '`host`.`f0`', 'nor is `host`.`f1`, `host`.`f2`;')
        names = [func('host', f'f{i}') for i in range(3000)]
        missing(' '.join(names), '`host`.`f4` and 2995 more')
        self.expect(len(self.done.stderr) < 800, 'it is bounded')
        names = [func('m' * 500, 'n' * 500 + str(i)) for i in range(20)]
        missing(' '.join(names), 'and 15 more')
        self.expect(len(self.done.stderr) < 900, 'it is bounded')
        # What to do about imports that are missing is no answer to one of another type.
        other = self.wat('other', f'{func("wasi_snapshot_preview1", "fd_write")} {func("host", "f")} (func (export "_start"))')
        self.run(other, status=FAILED, err='incompatible import type')
        self.expect('--preload' not in self.done.stderr, 'no advice on others')
        # One that is there between two that are not; and functions are no matter when they trap.
        missing(f'{func("a", "f")} {WASI} (import "a" "g" (global i32))', 'no function', 'nor is `a`.`g`;')
        module = self.work / 'imports.wasm'
        self.run('--unknown-imports=trap', module, status=FAILED, err='no global of that name is provided;')

    def own_memory(self):
        start = '(func (export "wasi_thread_start") (param i32 i32)) (func (export "_start"))'
        own = self.wat('own', f'{SPAWN} (memory (export "memory") 1 4 shared) {start}')
        self.run(own, status=FAILED, err='--import-memory,--shared-memory,--max-memory=')
        self.run('run', '--invoke', '_start', own, status=FAILED, err='--import-memory')
        self.run('compile', own, '-o', self.work / 'own.o')
        self.run(self.work / 'own.o', status=FAILED, err='--import-memory')
        # Without threads a shared memory may be anybody's, and threads need no memory.
        self.run(self.wat('alone', f'(memory 1 4 shared) {start}'))
        self.run(self.wat('none', f'{SPAWN} {start}'))
        self.run(self.wat('right', f'{SPAWN} {SHARED} {start}'))


def main():
    parser = argparse.ArgumentParser()
    for name in '--wasmaot', '--wat2wasm', '--guests', '--docs':
        parser.add_argument(name, required=True)
    with tempfile.TemporaryDirectory(prefix='wasmaot-dropin.') as work:
        options = parser.parse_args()
        test = Test(options, work)
        test.every_key()
        test.effects()
        test.unknown_options()
        test.as_wasmtime(*test.ways())
        test.preloads()
        test.preloads_with_threads()
        test.growth_in_a_thread()
        test.spawns_without_end()
        test.waits_that_time_out()
        test.threads_with_a_timeout()
        test.documentation(options.docs)
        test.mistakes()
        test.imports()
        test.own_memory()
        print(f'{test.checks} checks, {test.failures} failed')
        return test.failures != 0


if __name__ == '__main__':
    sys.exit(main())
