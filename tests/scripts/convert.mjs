// Makes a conformance script with binary modules of what wabt's wast2json wrote, and holds what the
// script asserts against the engine that runs this:
//   wast2json --enable-all text/NAME.wast -o NAME.json
//   node convert.mjs [--byte-pages] NAME.json FOLDER/NAME.bin.wast
// With --byte-pages, which neither wabt nor V8 knows, memories of 100 pages or more are given pages of
// a byte, and nothing is checked.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const args = process.argv.slice(2);
const bytePages = args[0] === '--byte-pages';
if (bytePages) args.shift();
const check = !bytePages;
const [input, output] = args;
const script = JSON.parse(readFileSync(input));

// ---- Modules ----

const uleb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...uleb(Math.floor(n / 128))]);

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(count) {
    this.at += count;
    return [...this.bytes.subarray(this.at - count, this.at)];
  }
  number() {
    const start = this.at;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return { value, bytes: [...this.bytes.subarray(start, this.at)] };
    }
  }
  name() {
    const length = this.number();
    return [...length.bytes, ...this.take(length.value)];
  }
  limits() {
    const [flags] = this.take(1);
    const min = this.number();
    const rest = [...min.bytes, ...(flags & 1 ? this.number().bytes : [])];
    return min.value >= 100 ? [flags | 8, ...rest, 0] : [flags, ...rest];
  }
}

const withBytePages = (bytes) => {
  const reader = new Reader(bytes);
  const result = reader.take(8);
  while (reader.at < bytes.length) {
    const [id] = reader.take(1);
    const contents = new Reader(Uint8Array.from(reader.take(reader.number().value)));
    const changed = [];
    if (id === 5 || id === 2) {
      const count = contents.number();
      changed.push(...count.bytes);
      for (let i = 0; i < count.value; i++) {
        if (id === 2) {
          changed.push(...contents.name(), ...contents.name());
          const [kind] = contents.take(1);
          changed.push(kind);
          if (kind !== 2) throw new Error('only memories are imported');
        }
        changed.push(...contents.limits());
      }
    }
    changed.push(...contents.take(contents.bytes.length - contents.at));
    result.push(id, ...uleb(changed.length), ...changed);
  }
  return Buffer.from(result);
};

const bytesOf = (name) => {
  const bytes = readFileSync(join(dirname(input), name));
  return bytePages ? withBytePages(bytes) : bytes;
};

// ---- Writing ----

const quoted = (bytes) => {
  const lines = [];
  for (let i = 0; i < bytes.length; i += 24) {
    const hex = [...bytes.subarray(i, i + 24)].map((b) => '\\' + b.toString(16).padStart(2, '0'));
    lines.push(`  "${hex.join('')}"`);
  }
  return lines.join('\n');
};
const constant = ({ type, value }) =>
  type === 'i32' ? `(i32.const ${BigInt.asIntN(32, BigInt(value))})`
    : `(i64.const ${BigInt.asIntN(64, BigInt(value))})`;
const action = (a) =>
  `(invoke ${a.module ? a.module + ' ' : ''}"${a.field}"${a.args.map((v) => ' ' + constant(v)).join('')})`;
const write = (c) => {
  switch (c.type) {
    case 'module':
      return `(module ${c.name ? c.name + ' ' : ''}binary\n${quoted(bytesOf(c.filename))}\n)`;
    case 'register':
      return `(register "${c.as}"${c.name ? ' ' + c.name : ''})`;
    case 'action':
      return action(c.action);
    case 'assert_return':
      return `(assert_return ${action(c.action)}${c.expected.map((v) => ' ' + constant(v)).join('')})`;
    case 'assert_exception':
      return `(assert_exception ${action(c.action)})`;
    case 'assert_trap':
    case 'assert_exhaustion':
      return `(${c.type} ${action(c.action)} "${c.text}")`;
    case 'assert_invalid':
    case 'assert_malformed':
    case 'assert_unlinkable':
    case 'assert_uninstantiable':
      return `(${c.type.replace('uninstantiable', 'trap')}\n  (module binary\n${quoted(bytesOf(c.filename))}\n  )\n  "${c.text}")`;
    default:
      throw new Error(`${c.line}: no rule for ${c.type}`);
  }
};

// ---- Checking ----

const registered = {};
const named = {};
let current;
let failures = 0;
const fail = (c, why) => {
  failures++;
  console.error(`${script.source_filename}:${c.line}: ${why}`);
};
const value = ({ type, value }) =>
  type === 'i32' ? Number(BigInt.asIntN(32, BigInt(value))) : BigInt.asIntN(64, BigInt(value));
const invoke = (a) =>
  (a.module ? named[a.module] : current).exports[a.field](...a.args.map(value));
const thrown = (c) => {
  try {
    invoke(c.action);
  } catch (error) {
    return error;
  }
  return undefined;
};
const run = (c) => {
  switch (c.type) {
    case 'module':
      current = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(c.filename)), registered);
      if (c.name) named[c.name] = current;
      break;
    case 'register':
      registered[c.as] = (c.name ? named[c.name] : current).exports;
      break;
    case 'action':
      invoke(c.action);
      break;
    case 'assert_return': {
      const got = [invoke(c.action)].flat().filter((v) => v !== undefined);
      const expected = c.expected.map(value);
      if (got.length !== expected.length || got.some((v, i) => v !== expected[i]))
        fail(c, `${c.action.field}: expected ${expected}, got ${got}`);
      break;
    }
    case 'assert_trap':
      if (!(thrown(c) instanceof WebAssembly.RuntimeError)) fail(c, 'no trap');
      break;
    case 'assert_exception':
      if (!(thrown(c) instanceof WebAssembly.Exception)) fail(c, 'no exception');
      break;
    case 'assert_invalid':
    case 'assert_malformed':
      if (WebAssembly.validate(bytesOf(c.filename))) fail(c, 'is valid');
      break;
    case 'assert_unlinkable':
      try {
        new WebAssembly.Instance(new WebAssembly.Module(bytesOf(c.filename)), registered);
        fail(c, 'links');
      } catch (error) {
        if (!(error instanceof WebAssembly.LinkError)) throw error;
      }
      break;
  }
};

const lines = [`;; Made by convert.mjs of text/${script.source_filename.split('/').pop()}.`];
for (const command of script.commands) {
  lines.push(write(command));
  if (check) run(command);
}
writeFileSync(output, lines.join('\n') + '\n');
if (check) console.log(`${script.commands.length} commands, ${failures} failures`);
process.exitCode = failures ? 1 : 0;
