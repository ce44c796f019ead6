// The same as differ.c, by this JavaScript engine: the lines must be alike.
// usage: node differ.mjs [--dump] FILE...
import { readFileSync, writeFileSync } from 'node:fs';

const out = [];
const scratch = new DataView(new ArrayBuffer(8));

// JavaScript has no types of its own to tell them apart by, so the module's types are read.
function leb(bytes, at) {
  let value = 0, shift = 0, byte;
  do {
    byte = bytes[at.at++];
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
  } while (byte & 0x80);
  return value;
}

function read_types(bytes) {
  const at = { at: 8 }, types = [], functions = [], exports = [];
  const name = () => {
    const length = leb(bytes, at);
    at.at += length;
    return new TextDecoder().decode(bytes.subarray(at.at - length, at.at));
  };
  const limits = () => {
    const flags = leb(bytes, at);
    leb(bytes, at);
    if (flags & 1) leb(bytes, at);
  };
  while (at.at < bytes.length) {
    const id = bytes[at.at++], size = leb(bytes, at), end = at.at + size;
    if (id === 1) {
      for (let count = leb(bytes, at); count > 0; count--) {
        at.at++;
        const list = () => Array.from({ length: leb(bytes, at) }, () => bytes[at.at++]);
        types.push({ params: list(), results: list() });
      }
    } else if (id === 2) {
      for (let count = leb(bytes, at); count > 0; count--) {
        name();
        name();
        const kind = bytes[at.at++];
        if (kind === 0) functions.push(types[leb(bytes, at)]);
        else if (kind === 1) { at.at++; limits(); }
        else if (kind === 2) limits();
        else if (kind === 3) at.at += 2;
        else if (kind === 4) { at.at++; leb(bytes, at); }
      }
    } else if (id === 3) {
      for (let count = leb(bytes, at); count > 0; count--) functions.push(types[leb(bytes, at)]);
    } else if (id === 7) {
      for (let count = leb(bytes, at); count > 0; count--)
        exports.push({ name: name(), kind: bytes[at.at++], index: leb(bytes, at) });
    }
    at.at = end;
  }
  return { functions, exports };
}

const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, V128 = 0x7b;

function show(type, value) {
  switch (type) {
    case I32: return ` i32:${value >>> 0}`;
    case I64: return ` i64:${BigInt.asUintN(64, value)}`;
    case F32:
      if (Number.isNaN(value)) return ' f32:nan';
      scratch.setFloat32(0, value);
      return ` f32:${scratch.getUint32(0).toString(16).padStart(8, '0')}`;
    case F64:
      if (Number.isNaN(value)) return ' f64:nan';
      scratch.setFloat64(0, value);
      return ` f64:${scratch.getBigUint64(0).toString(16).padStart(16, '0')}`;
    case V128: return ' v128';
    default: return value === null ? ' null' : ' ref';
  }
}

// Their types come with their initial values, which nobody wants to parse here: the name's last
// letter is the type.
const types_of_globals = { i: I32, I: I64, f: F32, F: F64, v: V128 };

function argument(type, round) {
  if (type === I64) return round === 0 ? 0n : 1n << 40n;
  if (type === I32) return round === 0 ? 0 : -1;
  if (type === F32) return round === 0 ? 0 : 1.5;
  if (type === F64) return round === 0 ? 0 : -0;
  return null;
}

const words = [
  [/unreachable/, 'unreachable'], [/memory access out of bounds/, 'memory'],
  [/table index is out of bounds|table access|element segment/, 'table'],
  [/signature mismatch/, 'signature'], [/by zero/, 'zero'],
  [/unrepresentable/, 'range'], [/unaligned/, 'unaligned'],
  [/call stack/, 'exhausted'],
];

function kind_of_trap(error) {
  if (error instanceof WebAssembly.Exception) return 'exception';
  for (const [pattern, word] of words) if (pattern.test(error.message)) return word;
  return error.message;
}

function hash(buffer) {
  let sum = 0x811c9dc5;
  for (const word of new Uint32Array(buffer)) sum = Math.imul(sum ^ word, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}

function run(path, dump) {
  const bytes = readFileSync(path);
  out.push(`module ${path}`);
  let module, instance;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    out.push(`refused ${error.message}`);
    return;
  }
  const log = (type) => (value) => { out.push('log' + show(type, value)); };
  const support = {
    'log-i32': log(I32), 'log-i64': log(I64), 'log-f32': log(F32), 'log-f64': log(F64),
    'log-v128': log(V128),
  };
  try {
    instance = new WebAssembly.Instance(module, { 'fuzzing-support': support });
  } catch (error) {
    out.push(error instanceof WebAssembly.LinkError ? `unlinkable ${error.message}` : 'instantiate: trap');
    return;
  }
  const { functions, exports } = read_types(bytes);
  for (const { name, kind, index } of exports) {
    if (kind !== 0) continue;
    const type = functions[index];
    if (type.params.includes(V128) || type.results.includes(V128)) {
      out.push(`call ${name}: v128`);
      continue;
    }
    for (let round = 0; round < (type.params.length === 0 ? 1 : 2); round++) {
      let line = `call ${name}:`;
      try {
        instance.exports.hangLimitInitializer?.();
        const result = instance.exports[name](...type.params.map((param) => argument(param, round)));
        const results = type.results.length === 0 ? [] : type.results.length === 1 ? [result] : result;
        results.forEach((value, i) => { line += show(type.results[i], value); });
      } catch (error) {
        line += ` trap ${kind_of_trap(error)}`;
      }
      out.push(line);
    }
  }
  for (const { name, kind } of exports) {
    const value = instance.exports[name];
    if (kind === 3) {
      const type = types_of_globals[name.at(-1)];
      out.push(`global ${name}:${type === V128 ? ' v128' : show(type, value.value)}`);
    } else if (kind === 2) {
      out.push(`memory ${name}: ${value.buffer.byteLength / 65536} ${hash(value.buffer)}`);
      if (dump) writeFileSync(`${path}.node`, new Uint8Array(value.buffer));
    }
  }
}

const files = process.argv.slice(2).filter((argument) => argument !== '--dump');
for (const file of files) run(file, files.length !== process.argv.length - 2);
out.push('done');
process.stdout.write(out.join('\n') + '\n');
