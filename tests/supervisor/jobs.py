"""Programs to supervise: how jobs behave, well and badly. Each process of them notes itself in the file `here`."""

import sys

PRELUDE = '''
import os, signal, sys, time

# For those who take a whole core: if the tests are killed, nobody else would ever end them.
GIVES_UP_AT = time.monotonic() + 120

def note():
    """Write down that this process has been, by pid and start."""
    start = open("/proc/self/stat").read().rsplit(") ", 1)[1].split()[19]
    handle = os.open("here", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{os.getpid()} {start}\\n".encode())
    os.close(handle)

def deaf():
    """Ignore every wish to end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)

def child(*steps):
    """Start a process that takes the steps, notes itself and stays."""
    pid = os.fork()
    if not pid:
        for step in steps:
            step()
        note()
        stay()
    return pid

def orphaned():
    """Let the parent end, as a daemon does."""
    if os.fork():
        os._exit(0)

def forget():
    """Go on as another program, without any environment."""
    os.execve(sys.executable, [sys.executable, "-I", "-S", "-c", FORGETFUL], {})

def stay():
    while True:
        signal.pause()
'''


def python(program: str) -> tuple[str, ...]:
    """Return the command that runs `program` with the prelude, in an interpreter that starts fast."""
    source = f"{PRELUDE}\nFORGETFUL = {PRELUDE + 'deaf(); note(); stay()'!r}\n{program}"
    return (sys.executable, "-I", "-S", "-c", source)


def shell(program: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs `program` in the system's shell."""
    return ("/bin/sh", "-c", program, "sh", *arguments)


POLITE = python("note(); stay()")
POLITE_WITH_CHILDREN = python("child(); child(os.setsid); child(os.setsid, orphaned); note(); stay()")
POLITE_IN_A_SHELL = shell('"$@"; echo done', *POLITE)
HOLDS_ITSELF = python("child(); note(); os.kill(os.getpid(), signal.SIGSTOP); stay()")

DEAF = python("deaf(); note(); stay()")
DEAF_IN_A_SHELL = shell('"$@" & wait; wait', *DEAF)
DEAF_IN_ANOTHER_SESSION = python("deaf(); child(os.setsid); note(); stay()")
DEAF_DAEMON = python("deaf(); child(os.setsid, orphaned); note(); stay()")
DEAF_DAEMON_THAT_FORGOT = python("deaf(); child(orphaned, os.setsid, orphaned, forget); note(); stay()")
DEAF_AND_MUTE = python("deaf(); os.close(1); os.close(2); child(os.setsid); note(); stay()")
DEAF_AND_HELD = python("deaf(); child(os.setsid); note(); os.kill(os.getpid(), signal.SIGSTOP); stay()")
RESPAWNER = python("""
deaf()
note()
while True:
    os.waitpid(child(deaf), 0)
""")
TWO_THAT_RESPAWN_EACH_OTHER = python("""
def guard():
    # Whoever of the two finds the other gone starts a new one, in a session of its own.
    other = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    while True:
        try:
            if not other:
                raise ProcessLookupError
            os.kill(other, 0)
            if open(f"/proc/{other}/stat").read().rsplit(") ", 1)[1][0] in "ZX":
                raise ProcessLookupError
        except (ProcessLookupError, FileNotFoundError):
            me = os.getpid()
            middle = os.fork()
            if not middle:
                os.setsid()
                deaf()
                other = os.fork()
                if other:
                    os._exit(0)
                note()
                other = me
                continue
            os.waitpid(middle, 0)
            other = int(open("here").read().split()[-2])
deaf()
note()
guard()
""")
FLEES_BY_FORKING = python("""
deaf()
note()
if os.fork():
    stay()
while time.monotonic() < GIVES_UP_AT:
    if os.fork():
        os._exit(0)
""")
FLEES_INTO_NEW_SESSIONS = python("""
deaf()
note()
if os.fork():
    stay()
while time.monotonic() < GIVES_UP_AT:
    if os.fork():
        os._exit(0)
    os.setsid()
""")
FORKS_WHEN_ASKED_TO_END = python("""
def multiply(*_):
    if not os.fork():
        os.setsid()
signal.signal(signal.SIGINT, multiply)
signal.signal(signal.SIGTERM, multiply)
note()
stay()
""")
