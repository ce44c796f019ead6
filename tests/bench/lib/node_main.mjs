// Runs a benchmark program in Node: the few WASI functions that it calls, and wasi-threads on workers.
// Prints what the program prints, and the processor time that its _start took.
import { readFileSync, writeSync } from "node:fs";
import { Worker, isMainThread, workerData } from "node:worker_threads";

class Exit {
  constructor(status) {
    this.status = status;
  }
}

const MEMORY = 1024 * 1024 * 1024 / 65536;
const encoder = new TextEncoder();
let memory;
const view = () => new DataView(memory.buffer);
const bytes = (start, size) => new Uint8Array(memory.buffer, start, size);

function makeImports(module, shared) {
  const args = shared.args.map((arg) => encoder.encode(arg + "\0"));
  const wasi = {
    args_sizes_get(count, size) {
      view().setUint32(count, args.length, true);
      view().setUint32(size, args.reduce((sum, arg) => sum + arg.length, 0), true);
      return 0;
    },
    args_get(pointers, start) {
      args.forEach((arg, i) => {
        bytes(start, arg.length).set(arg);
        view().setUint32(pointers + 4 * i, start, true);
        start += arg.length;
      });
      return 0;
    },
    clock_time_get(clock, precision, time) {
      view().setBigUint64(time, process.hrtime.bigint(), true);
      return 0;
    },
    fd_write(fd, vectors, count, written) {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const start = view().getUint32(vectors + 8 * i, true);
        total += writeSync(fd, bytes(start, view().getUint32(vectors + 8 * i + 4, true)).slice());
      }
      view().setUint32(written, total, true);
      return 0;
    },
    sched_yield: () => 0,
    proc_exit(status) {
      throw new Exit(status);
    },
  };
  const spawn = (arg) => {
    const tid = Atomics.add(shared.ids, 0, 1);
    new Worker(new URL(import.meta.url), { workerData: { module, memory, shared, tid, arg } });
    return tid;
  };
  return { wasi_snapshot_preview1: wasi, wasi: { "thread-spawn": spawn }, env: { memory } };
}

function runThread() {
  memory = workerData.memory;
  const imports = makeImports(workerData.module, workerData.shared);
  const instance = new WebAssembly.Instance(workerData.module, imports);
  instance.exports.wasi_thread_start(workerData.tid, workerData.arg);
}

function runMain() {
  const module = new WebAssembly.Module(readFileSync(process.argv[2]));
  const threaded = WebAssembly.Module.imports(module).some((entry) => entry.kind === "memory");
  // The pages that a threaded program begins with: the harness links them all alike.
  if (threaded)
    memory = new WebAssembly.Memory({ initial: 1024, maximum: MEMORY, shared: true });
  const shared = { args: process.argv.slice(2), ids: new Int32Array(new SharedArrayBuffer(4)) };
  shared.ids[0] = 1;
  const instance = new WebAssembly.Instance(module, makeImports(module, shared));
  memory ??= instance.exports.memory;
  const before = process.cpuUsage();
  let status = 0;
  try {
    instance.exports._start();
  } catch (error) {
    if (!(error instanceof Exit))
      throw error;
    status = error.status;
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`user ${user * 1000}\nsystem ${system * 1000}`);
  process.exit(status);
}

if (isMainThread)
  runMain();
else
  runThread();
