"""Plays a person at a terminal: runs a command on a pseudo-terminal, types each answer when its question is there, and prints
what was on the screen.

Usage: interactive.py DIRECTORY ANSWERS(JSON list of [question, answer]) COMMAND...
An answer of "^C" is the key that interrupts. The last line is the exit code.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import time

directory, script, command = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    # Whoever runs the tests in the background ignores interrupts, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.chdir(directory)
    os.execvp(command[0], command)

screen = b""
seen = 0
until = time.monotonic() + 60


def read():
    """Reads what comes; nothing at the end."""
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if not ready:
        return b"" if time.monotonic() > until else None
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


for question, answer in script:
    while not (found := re.search(re.escape(question).encode(), screen[seen:])):
        more = read()
        if more == b"":
            sys.exit(f"no question {question!r} in {screen.decode(errors='replace')!r}")
        screen += more or b""
    seen += found.end()
    os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
while (more := read()) != b"":
    screen += more or b""
if time.monotonic() > until:
    os.kill(child, signal.SIGKILL)
_, status = os.waitpid(child, 0)
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
print(screen.decode().replace("\r\n", "\n"))
print(code)
