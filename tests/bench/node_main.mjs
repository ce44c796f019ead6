// Runs a kernel in Node: prints its checksum and how many nanoseconds it took, instantiation left out.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const start = process.hrtime.bigint();
const checksum = instance.exports.run() >>> 0;
console.log(`${checksum} ${process.hrtime.bigint() - start}`);
