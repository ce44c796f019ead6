// Command run runs PROGRAM.wasm [ARGUMENT...]: a program of WASI, with threads and limits, for ten seconds at most.
//
// It sees the working directory as ".", to read. Its exit status is this one's; a trap is 134, with a backtrace.
// Control-C stops it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"wasmaot"
)

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		status = report(err)
	}
	os.Exit(status)
}

func run(arguments []string) (int, error) {
	if len(arguments) == 0 {
		return 0, errors.New("which program?")
	}
	engine, err := wasmaot.NewEngine(&wasmaot.Config{MaxMemory: 256 << 20})
	if err != nil {
		return 0, err
	}
	defer engine.Close()
	module, err := wasmaot.NewModuleFromFile(engine, arguments[0])
	if err != nil {
		return 0, err
	}
	defer module.Close()

	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	ctx, cancelTime := context.WithTimeout(ctx, 10*time.Second)
	defer cancelTime()
	wasi := &wasmaot.WASI{
		Args:   arguments,
		Dirs:   []wasmaot.Dir{{Host: ".", Guest: ".", ReadOnly: true}},
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
	}
	return wasmaot.Run(ctx, engine, module, wasi, &wasmaot.RunOptions{MaxThreads: 16})
}

// report says what went wrong, and gives the status for it.
func report(err error) int {
	var trap *wasmaot.Trap
	if !errors.As(err, &trap) {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "trap:", trap.Message)
	for _, frame := range trap.Frames {
		fmt.Fprintln(os.Stderr, " ", frame)
	}
	return 134
}
