"""What a command takes: processor time, and the memory of the largest of its processes."""
import subprocess
import sys

# In an interpreter of its own, because every process begins with the size of the one that made it.
MEASURE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)
"""


def measure(command):
    """Status, seconds of processor time, megabytes of the largest process, message."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, check=True)
    status, seconds, megabytes = done.stdout.decode().split()
    return int(status), float(seconds), int(megabytes), done.stderr.decode()
