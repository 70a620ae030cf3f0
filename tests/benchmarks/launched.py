"""
Run a command and print what it took; small itself, so that the peak is the command's own.

A process begins with the peak of the one that started it: :func:`timed.of_command` starts this one.
"""

import os
import subprocess
import sys
import time

if __name__ == "__main__":
    start = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    print(clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, 0)  # noqa: T201
    sys.exit(os.waitstatus_to_exitcode(status))
