"""Attempts to get out of a sandbox, run inside one. Prints one line per attempt: name, tab, verdict, tab, detail.

The verdict is "held" when the barrier answered exactly as it should, else "ESCAPED". An attempt that cannot tell says
"ESCAPED" as well: a test that proves nothing must not pass. The host passes what to aim at in the environment.

The files beside this one are parts of one program, joined in the order that `escape.rs` names.
"""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import stat
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
ATTEMPTS = []

SYS = dict(
    ptrace=101, syslog=103, setuid=105, capset=126, mknod=133, personality=135, pivot_root=155, adjtimex=159,
    chroot=161, acct=163, settimeofday=164, mount=165, umount2=166, swapon=167, reboot=169, sethostname=170,
    setdomainname=171, iopl=172, ioperm=173, init_module=175, delete_module=176, quotactl=179, lookup_dcookie=212,
    clock_settime=227, kexec_load=246, add_key=248, request_key=249, keyctl=250, unshare=272, vmsplice=278,
    perf_event_open=298, fanotify_init=300, name_to_handle_at=303, open_by_handle_at=304, clock_adjtime=305, setns=308,
    process_vm_readv=310, process_vm_writev=311, kcmp=312, finit_module=313, bpf=321, userfaultfd=323, modify_ldt=154,
    io_uring_setup=425, open_tree=428, move_mount=429, fsopen=430, fspick=433, clone3=435, pidfd_open=434,
    pidfd_getfd=438, process_madvise=440, mount_setattr=442, quotactl_fd=443, memfd_secret=447, kexec_file_load=320,
    vhangup=153, clone=56, getpid=39, io_setup=206,
)


def attempt(function):
    ATTEMPTS.append((function.__name__, function))
    return function


def call(name, *arguments):
    """A raw system call: 0 or its error's name."""
    number = SYS[name] if isinstance(name, str) else name
    ctypes.set_errno(0)
    arguments = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = LIBC.syscall(ctypes.c_long(number), *arguments)
    return "OK" if result >= 0 else errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))


def refused(name, *arguments, expect="EPERM"):
    answer = call(name, *arguments)
    return answer == expect, f"{name}: {answer}"


def opening(path, flags, *expect):
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        name = errno.errorcode[error.errno]
        return name in expect, f"{path}: {name}"
    os.close(descriptor)
    return False, f"{path} was opened"


def all_of(*results):
    return all(held for held, _ in results), "; ".join(detail for _, detail in results)


def in_child(work):
    """Runs work in a child; its wait status."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(work() or 0)
        except BaseException:
            os._exit(99)
    return os.waitpid(pid, 0)[1]


def machine_code(code):
    """Executes bytes as code in a child; its wait status."""
    import mmap
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    return in_child(lambda: function() & 0x7F)
