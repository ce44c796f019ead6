"""run.py PROGRAM.wasm [ARGUMENT...]: a program of WASI, with threads and limits, for ten seconds at most.

It sees the working directory as `.`, to read. Its exit status is this one's; a trap is 134, with a
backtrace. Control-C stops it."""

import concurrent.futures
import sys

import wasmaot


def main():
    """As the file says."""
    engine = wasmaot.Engine(max_memory=256 << 20)
    with open(sys.argv[1], "rb") as file:
        module = wasmaot.Module(engine, file.read())
    wasi = wasmaot.Wasi(sys.argv[1:], read_only_dirs={".": "."})
    group = wasmaot.Group(max_threads=16, timeout=10)

    def work():
        try:
            return wasmaot.run(module, wasi, engine=engine, group=group)
        except wasmaot.Trap as trap:
            print(f"trap: {trap}", file=sys.stderr)
            for frame in trap.frames:
                print(f"  {frame.function or frame.index} in {frame.module}", file=sys.stderr)
            return 134

    # Python looks at Control-C in its main thread, which must not be the one that runs the program.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        status = pool.submit(work)
        try:
            return status.result()
        except KeyboardInterrupt:
            group.stop()
            return status.result()


if __name__ == "__main__":
    sys.exit(main())
