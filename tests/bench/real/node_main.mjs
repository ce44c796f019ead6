// Runs a program in Node with its own WASI: node_main.mjs [--dir=DIRECTORY]... FILE.wasm [ARGUMENT]...
// Threads are workers. Prints what the program prints, and the processor time that its _start took.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
import { Worker, isMainThread, workerData } from "node:worker_threads";

// What programs with threads are linked for; they must not need more at the start.
const INITIAL = 1024, MAXIMUM = 1024 * 1024 * 1024 / 65536;

class Exit {
  constructor(status) {
    this.status = status;
  }
}

function instantiate(module, memory, shared) {
  const wasi = new WASI({ version: "preview1", args: shared.args, preopens: shared.preopens });
  const imports = wasi.getImportObject();
  imports.wasi_snapshot_preview1.proc_exit = (status) => {
    throw new Exit(status);
  };
  imports.wasi = {
    "thread-spawn": (arg) => {
      const tid = Atomics.add(shared.ids, 0, 1);
      new Worker(new URL(import.meta.url), { workerData: { module, memory, shared, tid, arg } });
      return tid;
    },
  };
  imports.env = { memory };
  const instance = new WebAssembly.Instance(module, imports);
  // The functions of WASI need a memory; the program is started by its own entry.
  wasi.initialize({ exports: { memory: memory ?? instance.exports.memory } });
  return instance;
}

function runMain() {
  const words = process.argv.slice(2), preopens = {};
  while (words[0].startsWith("--dir=")) {
    const directory = words.shift().slice(6);
    preopens[directory] = directory;
  }
  const module = new WebAssembly.Module(readFileSync(words[0]));
  const threaded = WebAssembly.Module.imports(module).some((entry) => entry.kind === "memory");
  const memory = threaded ? new WebAssembly.Memory({ initial: INITIAL, maximum: MAXIMUM, shared: true }) : undefined;
  const shared = { args: words, preopens, ids: new Int32Array(new SharedArrayBuffer(4)) };
  shared.ids[0] = 1;
  const instance = instantiate(module, memory, shared);
  const before = process.cpuUsage();
  let status = 0;
  try {
    instance.exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    status = error.status;
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`user ${user * 1000}\nsystem ${system * 1000}`);
  process.exit(status);
}

if (isMainThread) {
  runMain();
} else {
  const { module, memory, shared, tid, arg } = workerData;
  instantiate(module, memory, shared).exports.wasi_thread_start(tid, arg);
}
