"""What may a media process touch? The kernel's answer: limits, no network, and only the files it was given.

Everything here is applied by a process to itself, holds for the programs it starts, and cannot be taken back.
Each part is best effort, because kernels and containers differ; `trial` tells what really holds, by trying.

Numbers are those of Linux' `uapi` headers (landlock.h, seccomp.h, capability.h, unistd.h of each
architecture).
"""

import ctypes
import os
import resource
import stat
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER, _SECCOMP_ALLOW, _SECCOMP_EPERM = 2, 0x7FFF0000, 0x00050001
_CAPABILITY_VERSION_3, _CAP_DAC_OVERRIDE = 0x20080522, 1

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_SYSCALL_BIT = 0x40000000
_ABSENT = 0x3FFFFFFF
"""Stands for a call that an architecture does not have; no call has this number."""
_FORBIDDEN: dict[str, tuple[int, int]] = {
    # (x86_64, aarch64). No sockets of any family: a Unix socket can lead to a container engine or a database.
    "socket": (41, 198),
    "io_uring_setup": (425, 425),  # its operations pass by this filter
    # Nobody leaves the process group, so killing the group kills everybody.
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # Other processes, and the parts of the kernel that media work never needs.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "open_by_handle_at": (304, 265),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Landlock does not know these: a stranger's code could open our files to other users of the machine.
    "chmod": (90, _ABSENT),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, _ABSENT),
    "fchown": (93, 55),
    "lchown": (94, _ABSENT),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "utime": (132, _ABSENT),
    "utimes": (235, _ABSENT),
    "futimesat": (261, _ABSENT),
    "utimensat": (280, 88),
    # Shared memory and queues outlive the process group.
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
_PRLIMIT = (302, 261)
"""A process may ask for and lower its own limits (process 0), not those of the server that started it."""

_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ALL_NETWORK, _ALL_SCOPES = 0b11, 0b11
_RIGHTS_BY_VERSION = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts")
_KERNEL = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system", "/sys/fs/cgroup")
_DEVICES = ("/dev/urandom", "/dev/random", "/dev/zero")


def limit(cpu_seconds: int, memory_mb: int, file_mb: int) -> None:
    """Set the process's resource limits; what is over them fails here and nowhere else."""
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 5),
        resource.RLIMIT_FSIZE: (file_mb << 20, file_mb << 20),
        resource.RLIMIT_AS: (memory_mb << 20, memory_mb << 20),
    }
    for kind, pair in wanted.items():
        ceiling = resource.getrlimit(kind)[1]
        soft, hard = (value if ceiling == resource.RLIM_INFINITY else min(value, ceiling) for value in pair)
        with suppress(ValueError):  # macOS knows some of these kinds and refuses to set them
            resource.setrlimit(kind, (soft, hard))


def confine(readable: Iterable[str], folder: str) -> None:
    """Give up the network, root's privileges, and every file but the program's own, `readable` and `folder`.

    Call it before the process has threads: the kernel confines the calling thread and what it starts later.
    Where the kernel (or a container's own rules) does not offer a part, that part is left out.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))) != 0:
        return
    _drop_capabilities(libc)
    _restrict_files(libc, readable, folder)
    _forbid_calls(libc)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Leave root, as in many containers, with nothing but the right to read what other users own.

    Without this root could raise its own limits again.
    """
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    held = ctypes.create_string_buffer(24)
    if libc.capget(header, held) != 0:
        return
    kept = struct.unpack("6I", held.raw)[1] & (1 << _CAP_DAC_OVERRIDE)
    libc.capset(header, struct.pack("6I", kept, kept, 0, 0, 0, 0))


def _forbid_calls(libc: ctypes.CDLL) -> None:
    """Let the calls in `_FORBIDDEN`, and `prlimit` on others, fail with EPERM, in every way in which this
    processor can make them.
    """
    machine = os.uname().machine
    if machine not in _AUDIT_ARCH or sys.maxsize < 2**32:
        return
    arm = machine == "aarch64"
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    call_number, architecture, first_argument = 0, 4, 16  # offsets in the kernel's description of a call
    checks = [(at_least, _X32_SYSCALL_BIT), *((equal, pair[arm]) for pair in _FORBIDDEN.values())]
    program = [struct.pack("HBBI", load, 0, 0, architecture)]
    program.append(struct.pack("HBBI", equal, 0, len(checks) + 5, _AUDIT_ARCH[machine]))
    program.append(struct.pack("HBBI", load, 0, 0, call_number))
    for index, (test, value) in enumerate(checks):
        program.append(struct.pack("HBBI", test, len(checks) + 3 - index, 0, value))
    program.append(struct.pack("HBBI", equal, 0, 2, _PRLIMIT[arm]))
    program.append(struct.pack("HBBI", load, 0, 0, first_argument))
    program.append(struct.pack("HBBI", equal, 0, 1, 0))
    program += [struct.pack("HBBI", give, 0, 0, result) for result in (_SECCOMP_ALLOW, _SECCOMP_EPERM)]
    code = ctypes.create_string_buffer(b"".join(program))
    prepared = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(prepared))


def _restrict_files(libc: ctypes.CDLL, readable: Iterable[str], folder: str) -> None:
    """Landlock: allow what is listed here, refuse the rest, and hide other processes from signals."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if version < 1:
        return
    handled = _RIGHTS_BY_VERSION[min(version, 5)]
    attributes = struct.pack(
        "QQQ", handled, _ALL_NETWORK if version >= 4 else 0, _ALL_SCOPES if version >= 6 else 0
    )[: 8 if version < 4 else 16 if version < 6 else 24]
    size = ctypes.c_size_t(len(attributes))
    rules = libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, size, ctypes.c_uint(0))
    if rules < 0:
        return

    def allow(paths: Iterable[str], rights: int) -> None:
        for path in paths:
            _allow(libc, rules, path, rights & handled)

    try:
        allow(_program(), _EXECUTE | _READ_FILE | _READ_DIR)
        allow((*_SYSTEM_FILES, *_KERNEL, *_DEVICES, *readable), _READ_FILE | _READ_DIR)
        allow(("/dev/null",), _READ_FILE | _WRITE_FILE | _TRUNCATE)
        allow((folder,), handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK))
        libc.syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this system; what is absent needs no right
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _ON_FILES
        rule = struct.pack("=Qi", rights, handle)
        libc.syscall(_LANDLOCK_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint(0))
    finally:
        os.close(handle)


def _program() -> Sequence[str]:
    """Where this program's own code may lie. Not all of `sys.path`: the working directory can be in it."""
    packages = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    own = str(Path(__file__).parents[1])
    interpreter = str(Path(sys.executable).resolve().parent)
    return (*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, interpreter, own, *packages)


def trial(argument: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:  # noqa: ARG001
    """A sandbox target: `{"outside": path}` -> `{"in_force": [text, …]}`, by trying what must not work.

    `outside` is a file that the process was not given and that it could read if nothing held it back.
    """
    import socket  # noqa: PLC0415 - only `openvod doctor` pays for these two
    import subprocess  # noqa: PLC0415

    found = []
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        found.append("memory, CPU time and file size are limited")
    if _refused(lambda: socket.socket(socket.AF_INET).close()):
        found.append("no network (seccomp)")
    if _refused(lambda: Path(argument["outside"]).read_bytes()):
        found.append("no files but its own (Landlock)")
    if _refused(lambda: subprocess.run([sys.executable, "-ISc", ""], start_new_session=True, check=True)):
        found.append("no escape from the process group (seccomp)")
    if _refused(lambda: Path(argument["outside"]).chmod(0o600)):
        found.append("no changes of modes and owners (seccomp)")
    if _refused(lambda: os.kill(os.getppid(), 0)):
        found.append("no signals to other processes (Landlock)")
    return {"in_force": found}


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    return False
