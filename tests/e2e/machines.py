#!/usr/bin/env python3
"""What programs read: `inspect --json` and messages as JSON, held against docs/machines.md and include/wa_codes.def.

Every key and every code is documented, what the text form says is in the JSON, and whatever bytes a module,
a path or a command line has, each line of standard error is one JSON object.
"""
import argparse
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'scripts'))
sys.dont_write_bytecode = True
from encoding import section, sized, vector  # noqa: E402

failures = 0
checks = 0


def check(name, holds, shown=''):
    global checks, failures
    checks += 1
    if not holds:
        failures += 1
        print(f'FAILED: {name}: {shown}'[:600])


class Command:
    def __init__(self, wasmaot, work):
        self.wasmaot = wasmaot
        self.environment = {**os.environ, 'WASMAOT_CACHE_DIR': str(work / 'cache')}

    def run(self, *words, **more):
        return subprocess.run([self.wasmaot, *words], capture_output=True, timeout=120,
                              env={**self.environment, **more.get('environment', {})}, check=False)

    def messages(self, name, status, *words, **more):
        """The objects on standard error; a line that is none fails."""
        done = self.run(*words, **more)
        check(f'{name}: status', done.returncode == status, (done.returncode, done.stderr))
        return parse_lines(name, done.stderr)


def parse_lines(name, text):
    found = []
    for line in text.decode().splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            check(f'{name}: a line is JSON', False, line)
            continue
        check(f'{name}: what every message has', {'severity', 'code', 'message'} <= message.keys(), line)
        found.append(message)
    return found


# ---- Modules ----


def module(*sections):
    return b'\0asm\1\0\0\0' + b''.join(sections)


def named_module(name, raw):
    """Exports a function by `name`, which is UTF-8; `raw` is whatever bytes in the names of custom sections."""
    return module(section(1, vector([b'\x60\0\0'])), section(3, vector([b'\0'])),
                  section(7, vector([sized(name) + b'\0\0'])), section(10, vector([sized(b'\0\x0b')])),
                  section(0, sized(b'name') + b'\0' + sized(sized(raw)) + b'\1' + sized(vector([b'\0' + sized(raw)]))),
                  section(0, sized(b'producers') + vector([sized(b'language') + vector([sized(raw) + sized(raw)])])),
                  section(0, sized(b'target_features') + vector([b'+' + sized(raw)])))


NAMES = ['"\\\n\x1b[31m\x7f\0', '\u2028\u2029\ufffd\U0001f600', "'</script>", '{"a": [1]}', '']


# ---- inspect ----


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def inspect(command, path):
    done = command.run('inspect', '--json', str(path))
    check(f'{path}: inspect', done.returncode == 0 and not done.stderr, done.stderr)
    return json.loads(done.stdout.decode())


def check_text_is_in_json(path, said, found):
    """Each line of the text form, by what it holds."""
    flat = {json.dumps(v) for v in keys_and_leaves(found)}
    for line in said.splitlines():
        for word in re.findall(r'\d{3,}', line):
            check(f'{path}: number of the text form', word in flat or word in json.dumps(found), line)
        if line.startswith('features used: ') and 'none' not in line:
            check(f'{path}: features', line.split(': ')[1].split() == found['features'], line)
        if line.startswith('relies on:'):
            check(f'{path}: relies on', line.split(':')[1].split() == found['note']['relies_on'], line)
        if match := re.fullmatch(r'for: (.*), CPU (.*)', line):
            check(f'{path}: target', match.groups() == (found['note']['target'], found['note']['cpu']), line)
        if match := re.match(r'memory (\d+): .*', line):
            memory = found['memories'][int(match[1])]
            check(f'{path}: shared', (', shared' in line) == memory['shared'], line)
            check(f'{path}: index', ('64-bit' in line) == (memory['index'] == 'i64'), line)


def keys_and_leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from keys_and_leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_and_leaves(inner)
    else:
        yield value


def test_inspect(command, work, guests, documented):
    # A memory of 64-bit index, shared, a table of 64-bit index, a small page, a mutable global, a tag.
    odd = module(section(1, vector([b'\x60\1\x7f\0'])),
                 section(2, vector([sized(b'env') + sized(b'm') + b'\2\7\1\2', sized(b'env') + sized(b't') + b'\1\x70\4\5',
                                    sized(b'env') + sized(b'p') + b'\2\x08\7\0', sized(b'env') + sized(b'g') + b'\3\x7e\1',
                                    sized(b'env') + sized(b'e') + b'\4\0\0'])))
    (work / 'odd.wasm').write_bytes(odd)
    (work / 'start.wasm').write_bytes(named_start())
    files = sorted(guests.glob('*.wasm')) + [work / 'odd.wasm', work / 'start.wasm']
    seen = set()
    for path in files:
        paths = [path]
        if path.name in ('demo.wasm', 'odd.wasm', 'start.wasm', 'hello.wasm'):
            target = work / (path.stem + '.o')
            check(f'{path}: compiles', command.run('compile', str(path), '-o', str(target)).returncode == 0)
            paths.append(target)
        for each in paths:
            found = inspect(command, each)
            seen |= set(keys_of(found))
            said = command.run('inspect', str(each)).stdout.decode()
            check_text_is_in_json(each, said, found)
    missing = seen - documented
    check('every key of inspect is documented', not missing, missing)
    both = [inspect(command, work / name) for name in ('odd.wasm', 'odd.o')]
    for key in ('imports', 'exports', 'memories', 'tables', 'counts', 'features'):
        check(f'module and object say the same of {key}', both[0][key] == both[1][key], (both[0][key], both[1][key]))
    check('the 64-bit index is said', [m['index'] for m in both[0]['memories']] == ['i64', 'i32'], both[0])
    check('and the table\'s', both[0]['tables'][0]['index'] == 'i64', both[0])
    for i, name in enumerate(NAMES):
        for raw in (b'\xff\xfe"\\\0', b'\xed\xa0\x80', bytes(range(256))[:120], name.encode()):
            path = os.fsencode(work) + b'/n%d\xff"\n.wasm' % i
            pathlib.Path(os.fsdecode(path)).write_bytes(named_module(name.encode(), raw))
            found = inspect(command, os.fsdecode(path))
            check('names come through', found['exports'][0]['name'] == name, found)


def named_start():
    return module(section(1, vector([b'\x60\0\0'])), section(3, vector([b'\0'])), section(8, b'\0'),
                  section(10, vector([sized(b'\0\x0b')])))


def start_with(code):
    return module(section(1, vector([b'\x60\0\0'])), section(3, vector([b'\0'])), section(7, vector([sized(b'_start') + b'\0\0'])),
                  section(10, vector([sized(b'\0' + code + b'\x0b')])))


# ---- Messages ----


def codes_of(definitions):
    return re.findall(r'^WA_(?:ERROR_KIND|EVENT)\(\w+, "([a-z-]+)"', definitions, re.M)


def test_messages(command, work, guests, codes):
    as_json = '--message-format=json'
    bad_body = module(section(1, vector([b'\x60\0\1\x7f'])), section(3, vector([b'\0'])),
                      section(10, vector([sized(b'\0\x42\0\x0b')])))
    # Imports a function that nobody has, and one by another type than preview 1 has it.
    missing = module(section(1, vector([b'\x60\0\0'])),
                     section(2, vector([sized(b'env') + sized(b'; "no\n') + b'\0\0'])), section(3, vector([b'\0'])),
                     section(7, vector([sized(b'_start') + b'\0\1'])), section(10, vector([sized(b'\0\x0b')])))
    other = module(section(1, vector([b'\x60\0\0'])),
                   section(2, vector([sized(b'wasi_snapshot_preview1') + sized(b'sched_yield') + b'\0\0'])),
                   section(3, vector([b'\0'])), section(7, vector([sized(b'_start') + b'\0\1'])),
                   section(10, vector([sized(b'\0\x0b')])))
    files = {'bad.wasm': bad_body, 'missing.wasm': missing, 'other.wasm': other, 'text': b'hello',
             'component.wasm': b'\0asm\x0d\0\1\0', 'spin.wasm': start_with(b'\3\x40\x0c\0\x0b')}
    for name, data in files.items():
        (work / name).write_bytes(data)
    ran = command.run('compile', str(guests / 'hello.wasm'), '-o', str(work / 'hello.o'))
    check('hello compiles', ran.returncode == 0, ran.stderr)
    other_machine = bytearray((work / 'hello.o').read_bytes())
    other_machine[18] ^= 0xff
    (work / 'refused.o').write_bytes(bytes(other_machine))
    expected = [
        ('malformed', 1, ['compile', as_json, 'text']),
        ('malformed', 1, ['inspect', as_json, 'text']),
        ('malformed', 1, ['validate', as_json, 'text']),
        ('malformed', 1, ['run', as_json, 'text']),
        ('invalid', 1, ['compile', as_json, 'bad.wasm']),
        ('unsupported', 1, ['compile', as_json, 'component.wasm']),
        ('unlinkable', 1, ['run', as_json, 'other.wasm']),
        ('missing-import', 1, ['run', as_json, 'missing.wasm']),
        ('refused', 1, ['run', as_json, 'refused.o']),
        ('system', 1, ['compile', as_json, 'not-there.wasm']),
        ('usage', 2, ['compile', as_json, '--bogus']),
        ('usage', 2, ['run', as_json, '--timeout=x', 'hello.o']),
        ('usage', 2, ['cache', as_json, 'what']),
        ('usage', 2, ['targets', as_json, 'a', 'b']),
        ('usage', 2, ['run', '--dir=.', as_json]),
        ('trap', 134, ['run', as_json, str(guests / 'trap.wasm'), 'divide']),
        ('timeout', 124, ['run', as_json, '--timeout=1', 'spin.wasm']),
    ]
    seen = set()
    os.chdir(work)
    for code, status, words in expected:
        name = ' '.join(words)
        found = command.messages(name, status, *words)
        check(f'{name}: {code}', [m['code'] for m in found][:1] == [code], found)
        seen |= {m['code'] for m in found}
    invalid = command.messages('place', 1, 'compile', as_json, 'bad.wasm')[0]
    check('file, offset and function', invalid['file'] == 'bad.wasm' and invalid['function'] == 0
          and isinstance(invalid['offset'], int), invalid)
    plain = command.run('compile', 'bad.wasm').stderr.decode()
    check('the text says the same', plain == f"wasmaot: bad.wasm:{invalid['offset']:#x}: {invalid['message']}\n", plain)
    hinted = command.messages('hint', 1, 'run', as_json, 'missing.wasm')[0]
    check('the mend is a hint', '--preload' in hinted.get('hint', ''), hinted)
    trap = command.messages('trap', 134, 'run', as_json, str(guests / 'trap.wasm'), 'divide')[0]
    check('trap and frames', trap['trap'] == trap['message'] == 'integer divide by zero'
          and [f['name'] for f in trap['frames']][:2] == ['level_three', 'level_two'], trap)
    # Options before it are still text; text is the default, and can be said.
    done = command.run('compile', '--bogus', as_json)
    check('text before it', done.stderr.startswith(b'wasmaot: '), done.stderr)
    done = command.run('compile', as_json, '--message-format=text', 'text')
    check('the last counts', done.stderr.startswith(b'wasmaot: '), done.stderr)
    # What is behind the program's name is the guest's.
    done = command.run('run', 'text', as_json)
    check('the guest\'s own', done.stderr.startswith(b'wasmaot: '), done.stderr)
    for count in range(20):
        name = bytes(random.Random(count).randrange(1, 256) for _ in range(30)).replace(b'/', b'_')
        found = command.messages(f'bytes {name!r}', 1, 'inspect', as_json, b'./' + name)
        check('a path of any bytes', [m['code'] for m in found] == ['system'], found)
    seen |= test_warning(command, guests)
    seen |= test_quit(command)
    seen |= test_note(command, work)
    check('every code was seen', seen == set(codes), (seen ^ set(codes)))


def test_warning(command, guests):
    found = command.messages('warning', 0, 'run', '--message-format=json', str(guests / 'hello.wasm'),
                             environment={'WASMAOT_CACHE_SIZE': 'much'})
    check('warning', [(m['severity'], m['code']) for m in found] == [('warning', 'warning')], found)
    return {m['code'] for m in found}


def test_note(command, work):
    found = command.messages('note', 134, 'run', '--message-format=json', f'--coredump={work}/core',
                             str(work / 'unreached.wasm'))
    return {m['code'] for m in found}


def test_quit(command):
    with subprocess.Popen([command.wasmaot, 'run', '--message-format=json', 'spin.wasm'],
                          stderr=subprocess.PIPE, env=command.environment) as guest:
        # Several times: on a busy machine the thread may not be given a processor in time to say where it is.
        for _ in range(5):
            time.sleep(1)
            guest.send_signal(signal.SIGQUIT)
        time.sleep(1)
        guest.terminate()
        said = guest.communicate(timeout=60)[1]
    check('SIGQUIT: it goes on', guest.returncode == -signal.SIGTERM, guest.returncode)
    found = parse_lines('SIGQUIT', said)
    threads = [m for m in found if 'thread' in m]
    check('SIGQUIT: a thread and its frames', any(m['frames'] for m in threads), found)
    return {m['code'] for m in found}


def main():
    parser = argparse.ArgumentParser()
    for name in ('wasmaot', 'guests', 'docs', 'codes'):
        parser.add_argument(f'--{name}', required=True, type=pathlib.Path)
    args = parser.parse_args()
    page = args.docs.read_text(encoding='utf-8')
    documented = set(re.findall(r'`([a-z0-9_-]+)`', page))
    codes = codes_of(args.codes.read_text(encoding='utf-8'))
    check('there are codes', len(codes) > 10 and len(set(codes)) == len(codes), codes)
    table = re.findall(r'^\| `([a-z-]+)` \| ', page[page.index('| code |'):], re.M)
    check('the codes of the documentation', table == codes, (table, codes))
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        # The start function traps: there is no instance to dump.
        (work / 'unreached.wasm').write_bytes(
            module(section(1, vector([b'\x60\0\0'])), section(3, vector([b'\0'])),
                   section(7, vector([sized(b'_start') + b'\0\0'])), section(8, b'\0'),
                   section(10, vector([sized(b'\0\0\x0b')]))))
        command = Command(str(args.wasmaot.resolve()), work)
        guests = args.guests.resolve()
        test_inspect(command, work, guests, documented)
        test_messages(command, work, guests, codes)
    print(f'{checks} checks, {failures} failed')
    return failures != 0


if __name__ == '__main__':
    sys.exit(main())
