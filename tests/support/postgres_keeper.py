"""Run one PostgreSQL server for as long as a test run lives, and not a moment longer.

    python postgres_keeper.py WATCHED_PID FOLDER USER COMMAND...

A program of its own, because nothing inside a test run survives a `kill -9` of that run, and a
server left behind holds memory and a port for ever. It stops the server (fast shutdown) on
SIGTERM, kills it without mercy on SIGUSR1 (so a test can crash a database), and when the watched
process has gone it also removes FOLDER. Standard library only: it is started by its path.
"""

import os
import shutil
import signal
import subprocess
import sys
from types import FrameType

POLL_SECONDS = 0.2
STOP_SECONDS = 20


def alive(pid: int) -> bool:
    """Say whether a process exists; one that belongs to somebody else counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop(server: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Send the signal and wait; a server that does not listen is killed."""
    if server.poll() is None:
        server.send_signal(how)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def keep(watched: int, folder: str, user: str, command: list[str]) -> int:
    """Start the server and stay until it, the run or the one who asked for it ends."""
    asked: list[signal.Signals] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        asked.append(signal.Signals(number))

    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, remember)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    identity = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    # Arguments of our own, no shell.
    server = subprocess.Popen(command, **identity)  # type: ignore[call-overload]
    while server.poll() is None and not asked and alive(watched):
        try:
            server.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    # To PostgreSQL, SIGINT is a fast shutdown and SIGQUIT an immediate one: no checkpoint.
    stop(server, signal.SIGQUIT if signal.SIGUSR1 in asked else signal.SIGINT)
    if not alive(watched):
        shutil.rmtree(folder, ignore_errors=True)
    return int(server.returncode or 0)


def user_group(user: str) -> int:
    """Return the primary group of an operating system user."""
    import pwd

    return pwd.getpwnam(user).pw_gid


if __name__ == "__main__":
    sys.exit(keep(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
