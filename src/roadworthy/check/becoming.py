"""After a check: become the agent's command, or stay as process 1 and watch over it.

Run as a file, without site-packages, it is the process that watches: it imports the standard library alone.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence

NOT_FOUND, NOT_RUNNABLE = 127, 126
"""What a shell answers for a program that is not there, and for one that cannot be run (POSIX, 2.8.2)."""
KEPT_BY_KERNEL = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)
"""Signals that cannot be caught, and the one that tells of our own children."""


def become(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Replace this process by `argv`: the same process id, standard streams, signals and exit status.

    Returns only where that cannot be done, with a shell's exit status, having said why on stderr.
    """
    _defaults_for_signals()
    try:
        os.execvpe(argv[0], list(argv), dict(environment))  # noqa: S606 - no shell is wanted
    except (OSError, ValueError) as error:
        return _refused(argv[0], error)


def watch_over(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become the process that runs `argv`, hands every signal on to it and reaps what is orphaned, until it ends.

    A process of its own: a thread of a check that was cut off would take signals away, and its memory would stay.
    Its exit status is the command's, 128 and the signal's number where a signal ended it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))  # none is lost before the child is there
    return become((sys.executable, "-I", "-S", __file__, *argv), environment)


def _watch(argv: Sequence[str]) -> int:
    child = os.fork()
    if child == 0:
        _be_child(argv, os.environ)
    return _until_ended(child)


def _be_child(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """In the child: a group of its own, in the foreground where there is a terminal; then the command."""
    status = NOT_RUNNABLE
    try:
        os.setpgid(0, 0)
        if sys.stdin is not None and os.isatty(0):
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpgrp())
        _defaults_for_signals()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        status = become(argv, environment)
    finally:
        os._exit(status)


def _until_ended(child: int) -> int:
    waited = set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}
    while True:
        number = signal.sigwait(waited)
        if number not in KEPT_BY_KERNEL:
            _hand_on(child, number)
            continue
        while True:  # one SIGCHLD may stand for several children
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 0
            if pid == 0:
                break
            if pid == child:
                return _status(status)


def _hand_on(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        pass  # it has just ended: SIGCHLD is on its way
    except PermissionError:
        os.write(2, f"roadworthy: signal {number} may not be sent to the command\n".encode())


def _status(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _defaults_for_signals() -> None:
    """Python ignores SIGPIPE and SIGXFSZ, and what is ignored stays so over exec: a command expects neither."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def _refused(name: str, error: OSError | ValueError) -> int:
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOENT, errno.ENOTDIR):
        sys.stderr.write(f"{name}: no such program on PATH\n")
        status = NOT_FOUND
    else:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"{name}: cannot be run: {reason}\n")
        status = NOT_RUNNABLE
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    sys.exit(_watch(sys.argv[1:]))
