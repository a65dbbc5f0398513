"""The process that opens a network of its own for the agent and hands its sockets out.

Run as a program (`python -I -S namespace.py CONTROL KEPT…`), standard library only. It closes every descriptor but
these (the KEPT ones are for the command), leaves the host's network, then obeys JSON messages on the control
socket, one a datagram, until it is told to run the agent's command:

    {"do": "listen", "address": "198.18.0.1", "port": 443, "kind": "tcp"}   -> answers with the socket
    {"do": "socket", "family": 2}                                           -> a TCP socket, not yet connected
    {"do": "attempts", "address": "198.18.1.1", "port": 5432}  -> a socket that gets a copy of each packet that asks
                                                                  for a connection there, also of a refused one
    {"do": "ports"}                                -> the TCP ports that listen, without those made by `listen`
    {"do": "overlay", "lower": …, "upper": …, "work": …, "target": …}       -> a copy-on-write view
    {"do": "remove", "path": …}           -> removes a file from such a view
    {"do": "watch"}                       -> answers with a seccomp listener for started programs
    {"do": "run", "argv": […], "environment": {…}, "folder": …, "groups": […], "processors": […]}

A socket belongs to the network in which it was made, so whoever holds it serves the agent without a relay.
On `run` a child stays behind to make sockets, and this process becomes the command: the one who started us
is its parent. The child ends when the control socket closes, also when its owner was killed.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import json
import os
import platform
import signal
import socket
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module costs this process its start-up time
    from collections.abc import Callable
    from typing import Any

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK = 0x8916, 0x8914, 0x891C
IFF_UP_RUNNING = 0x1 | 0x40
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER = 1, 1 << 3
SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ALLOW = 0x7FC00000, 0x7FFF0000
SO_ATTACH_FILTER = 26
LOAD, EQUAL, GIVE = 0x20, 0x15, 0x06
HEADER_LENGTH, LOAD_HALF_BEHIND, LOAD_BYTE_BEHIND, AND = 0xB1, 0x48, 0x50, 0x54
"""Codes of the kernel's packet filters (linux/bpf_common.h), which seccomp has too."""
SYN, ACK = 0x02, 0x10
SYSCALLS = {  # machine -> (audit architecture, seccomp, execve, execveat)
    "x86_64": (0xC000003E, 317, 59, 322),
    "aarch64": (0xC00000B7, 277, 221, 281),
}
libc = ctypes.CDLL(None, use_errno=True)
ours: set[str] = set()
"""The inodes of the sockets that were made to listen here."""


def check(result: int, what: str) -> int:
    """Raise the C library's error, or give the result back."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def leave_the_host() -> None:
    """A network and mounts of our own; an ordinary user needs a user namespace for that."""
    user, group = os.getuid(), os.getgid()
    if user == 0:
        check(libc.unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare")
    else:
        check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS), "unshare")
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{user} {user} 1")
        write("/proc/self/gid_map", f"{group} {group} 1")
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")


def open_the_loopback() -> None:
    """Bring `lo` up and make all of 198.18.0.0/15 (RFC 2544, routed nowhere) local addresses of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:

        def ask(request: int, name: bytes, payload: bytes) -> None:
            fcntl.ioctl(probe, request, struct.pack("16s24s", name, payload))

        def address(text: str) -> bytes:
            return struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))

        ask(SIOCSIFFLAGS, b"lo", struct.pack("H", IFF_UP_RUNNING))
        ask(SIOCSIFADDR, b"lo:1", address("198.18.0.2"))
        ask(SIOCSIFNETMASK, b"lo:1", address("255.254.0.0"))


def listen(address: str, port: int, kind: str) -> socket.socket:
    """A bound socket; a TCP one listens."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    if kind == "tcp":
        made.listen(1024)
        ours.add(str(os.fstat(made.fileno()).st_ino))
    return made


def unconnected(family: int) -> socket.socket:
    """A TCP socket of this network. Whoever gets it connects it, so that nobody else waits for that."""
    return socket.socket(socket.AddressFamily(family), socket.SOCK_STREAM)


def attempts(address: str, port: int) -> socket.socket:
    """A raw socket that gets a copy of each packet that asks for a connection: SYN to that port, without ACK."""
    program = (
        instruction(HEADER_LENGTH, 0, 0, 0),
        instruction(LOAD_HALF_BEHIND, 0, 0, 2),
        instruction(EQUAL, 0, 3, port),
        instruction(LOAD_BYTE_BEHIND, 0, 0, 13),
        instruction(AND, 0, 0, SYN | ACK),
        instruction(EQUAL, 1, 0, SYN),
        instruction(GIVE, 0, 0, 0),
        instruction(GIVE, 0, 0, 0xFFFF),
    )
    filter_, _kept = packet_filter(*program)
    made = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)
    made.bind((address, 0))
    return made


def instruction(code: int, yes: int, no: int, value: int) -> bytes:
    """One of a packet filter's: `yes` and `no` say how many to jump over."""
    return struct.pack("HBBI", code, yes, no, value)


def packet_filter(*program: bytes) -> tuple[bytes, object]:
    """A `struct sock_fprog`, and the memory that it points at."""
    buffer = ctypes.create_string_buffer(b"".join(program))
    return struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer)), buffer


def listening_ports() -> list[int]:
    """The TCP ports on which anything but ourselves listens here."""
    ports = set()
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        try:
            with open(table) as lines:  # noqa: PTH123 - pathlib costs this process its start-up time
                next(lines)
                for line in lines:
                    fields = line.split()
                    if fields[3] == "0A" and fields[9] not in ours:
                        ports.add(int(fields[1].rpartition(":")[2], 16))
        except OSError:
            continue  # no IPv6 in this kernel
    return sorted(ports)


def overlay(lower: str, upper: str, work: str, target: str) -> None:
    """Mount a copy-on-write view of `lower` at `target`."""
    for folder in (upper, work, target):
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    escaped = [path.replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:") for path in (lower, upper, work)]
    options = "lowerdir={},upperdir={},workdir={}".format(*escaped)
    if os.getuid() != 0:
        options += ",userxattr"
    check(libc.mount(b"overlay", os.fsencode(target), b"overlay", 0, os.fsencode(options)), "overlay")


def watch() -> int:
    """Install a seccomp filter that reports execve and execveat and changes nothing; its listener."""
    if platform.machine() not in SYSCALLS:
        raise OSError(errno.ENOSYS, f"no system call numbers for {platform.machine()}")
    architecture, seccomp, execve, execveat = SYSCALLS[platform.machine()]
    filter_, _kept = packet_filter(
        instruction(LOAD, 0, 0, 4),
        instruction(EQUAL, 0, 3, architecture),
        instruction(LOAD, 0, 0, 0),
        instruction(EQUAL, 2, 0, execve),
        instruction(EQUAL, 1, 0, execveat),
        instruction(GIVE, 0, 0, SECCOMP_RET_ALLOW),
        instruction(GIVE, 0, 0, SECCOMP_RET_USER_NOTIF),
    )
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    return check(libc.syscall(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, filter_), "seccomp")


MAKERS: dict[str, Callable[..., socket.socket]] = {"listen": listen, "socket": unconnected, "attempts": attempts}


def answer(control: socket.socket, message: dict[str, Any], descriptor: int | None = None) -> None:
    """Send one datagram, with a descriptor where there is one."""
    rights = []
    if descriptor is not None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
    control.sendmsg([json.dumps(message).encode()], rights)


def obey(control: socket.socket, order: dict[str, Any]) -> None:
    """Carry out everything but `run`."""
    arguments = {key: value for key, value in order.items() if key not in ("do", "id")}
    reply: dict[str, Any] = {"id": order.get("id")}
    try:
        if order["do"] in MAKERS:
            with MAKERS[order["do"]](**arguments) as made:
                answer(control, reply, made.fileno())
        elif order["do"] == "watch":
            listener = watch()
            answer(control, reply, listener)
            os.close(listener)
        elif order["do"] == "ports":
            answer(control, {**reply, "ports": listening_ports()})
        elif order["do"] == "overlay":
            overlay(**arguments)
            answer(control, reply)
        elif order["do"] == "remove":
            os.unlink(arguments["path"])  # noqa: PTH108
            answer(control, reply)
        else:
            answer(control, {**reply, "error": f"unknown order {order['do']}", "errno": errno.EINVAL})
    except OSError as error:
        answer(control, {**reply, "error": str(error), "errno": error.errno})


def run(control: socket.socket, order: dict[str, Any]) -> None:
    """Leave a maker of sockets behind and become the command."""
    if os.fork() == 0:
        control.set_inheritable(False)
        os.setsid()
        nowhere = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        close_all_but({0, 1, 2, control.fileno()})
        serve(control)
        os._exit(0)
    control.close()
    for group in order["groups"]:  # cgroups: joined last, so that only the agent is counted
        write(group + "/cgroup.procs", str(os.getpid()))
    if order["processors"]:
        os.sched_setaffinity(0, order["processors"])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.chdir(order["folder"])
    os.execve(order["argv"][0], order["argv"], order["environment"])  # noqa: S606


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Obey until `run` is said or the control socket closes."""
    while True:
        try:
            message = control.recv(1 << 20)
        except OSError:
            return None
        if not message:
            return None
        order: dict[str, Any] = json.loads(message)
        if order["do"] == "run":
            return order
        obey(control, order)


def close_all_but(kept: set[int]) -> None:
    """The event loop that starts us lets every inheritable descriptor of its own process through."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:
                continue  # the one by which they were listed


def write(path: str, text: str) -> None:
    """Write a kernel file in one go."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def main() -> None:
    """Set up, say how that went, obey."""
    control = socket.socket(fileno=int(sys.argv[1]))
    close_all_but({0, 1, 2, *map(int, sys.argv[1:])})
    try:
        leave_the_host()
        open_the_loopback()
    except OSError as error:
        answer(control, {"id": 0, "error": str(error), "errno": error.errno})
        sys.exit(1)
    answer(control, {"id": 0})
    order = serve(control)
    if order is not None:
        run(control, order)


if __name__ == "__main__":
    main()
