"""Attempts to get out of a sandbox, run inside one. Prints one line per attempt: name, tab, verdict, tab, detail.

The verdict is "held" when the barrier answered exactly as it should, else "ESCAPED". An attempt that cannot tell says
"ESCAPED" as well: a test that proves nothing must not pass. The host passes what to aim at in the environment.
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


# Files of the host.

@attempt
def read_etc_shadow():
    return opening("/etc/shadow", os.O_RDONLY, "ENOENT")


@attempt
def read_host_data_directory():
    return opening(os.environ["HOST_FILE"], os.O_RDONLY, "ENOENT")


@attempt
def list_home_and_root_directories():
    seen = sorted(os.listdir("/"))
    allowed = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "root", "sbin", "sys", "tmp", "usr", "var"}
    return set(seen) <= allowed and os.listdir("/root") == [], f"{seen}"


@attempt
def climb_out_of_tmp():
    os.chdir("/tmp")
    path = "../" * 40 + os.environ["HOST_FILE"].lstrip("/")
    return opening(path, os.O_RDONLY, "ENOENT")


@attempt
def symlink_out_of_tmp():
    os.symlink("../" * 40 + os.environ["HOST_FILE"].lstrip("/"), "/tmp/link")
    return opening("/tmp/link", os.O_RDONLY, "ENOENT")


@attempt
def process_one_root():
    return opening("/proc/1/root" + os.environ["HOST_FILE"], os.O_RDONLY, "ENOENT", "EACCES")


@attempt
def process_one_working_directory_and_files():
    return all_of(*(opening(f"/proc/1/{name}", os.O_RDONLY, "ENOENT", "EACCES") for name in ("cwd", "fd", "maps", "exe")))


@attempt
def open_by_handle():
    handle = ctypes.create_string_buffer(128)
    struct.pack_into("Ii", handle, 0, 8, 1)
    return refused("open_by_handle_at", -100, handle, os.O_RDONLY)


@attempt
def name_to_handle():
    handle, mount = ctypes.create_string_buffer(128), ctypes.c_int()
    return refused("name_to_handle_at", -100, b"/", handle, ctypes.byref(mount), 0)


@attempt
def overwrite_own_executable_on_the_host():
    # The way of CVE-2019-5736: the program's file, through /proc, for writing.
    return opening("/proc/self/exe", os.O_WRONLY, "EROFS", "EACCES", "ETXTBSY")


@attempt
def overwrite_executable_of_process_one():
    return opening("/proc/1/exe", os.O_WRONLY, "ENOENT", "EACCES")


def read_only(folder):
    try:
        with open(f"{folder}/written", "w"):
            return False, f"{folder} was written"
    except OSError as error:
        return error.errno == errno.EROFS, f"{folder}: {errno.errorcode[error.errno]}"


@attempt
def write_into_code_and_layers():
    assert os.listdir("/var/task") and os.listdir("/opt")
    return all_of(read_only("/var/task"), read_only("/opt"))


@attempt
def write_into_system():
    return all_of(*(read_only(folder) for folder in ("/usr", "/usr/bin", "/var/runtime", "/etc", "/dev", "/", "/root")))


@attempt
def make_read_only_mounts_writable():
    remount = 0x20 | 0x1000
    return all_of(*(refused("mount", None, path, None, remount, None) for path in (b"/usr", b"/var/task", b"/")))


# The kernel's own files.

@attempt
def kernel_memory_file():
    return all_of(*(opening(path, os.O_RDONLY, "ENOENT") for path in ("/dev/mem", "/dev/kmem", "/dev/port")))


@attempt
def proc_kcore():
    try:
        with open("/proc/kcore", "rb") as file:
            content = file.read(64)
        return content == b"", f"{len(content)} bytes"
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.EACCES), errno.errorcode[error.errno]


@attempt
def proc_sysrq_trigger():
    if os.path.exists("/proc/sysrq-trigger") and not stat.S_ISCHR(os.stat("/proc/sysrq-trigger").st_mode):
        return opening("/proc/sysrq-trigger", os.O_WRONLY, "EACCES", "EROFS")
    return True, "absent or covered by /dev/null"


@attempt
def proc_keys_and_timers():
    found = {}
    for name in ("keys", "timer_list", "kallsyms", "modules", "sched_debug", "latency_stats"):
        try:
            with open(f"/proc/{name}") as file:
                found[name] = len(file.read(64))
        except OSError:
            pass
    return not any(found.values()), f"{found}"


@attempt
def proc_folders_of_drivers():
    found = {name: os.listdir(f"/proc/{name}") for name in ("acpi", "scsi", "bus", "irq", "driver", "fs") if os.path.isdir(f"/proc/{name}")}
    return not any(found.values()), f"{found}"


@attempt
def kernel_settings():
    names = ("kernel/core_pattern", "kernel/modprobe", "vm/drop_caches", "kernel/hostname", "net/ipv4/ip_forward", "fs/binfmt_misc/register")
    return all_of(*(opening(f"/proc/sys/{name}", os.O_WRONLY, "EACCES", "EPERM", "EROFS", "ENOENT") for name in names))


@attempt
def sysfs():
    return os.listdir("/sys") == [], f"{os.listdir('/sys')}"


@attempt
def kernel_log():
    buffer = ctypes.create_string_buffer(64)
    return all_of(refused("syslog", 3, buffer, 64), opening("/dev/kmsg", os.O_RDONLY, "ENOENT"))


# Devices.

@attempt
def make_block_device():
    return refused("mknod", b"/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(254, 0))


@attempt
def make_character_device():
    return refused("mknod", b"/tmp/mem", stat.S_IFCHR | 0o600, os.makedev(1, 1))


@attempt
def devices_present():
    names = sorted(os.listdir("/dev"))
    expected = ["fd", "full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"]
    # A FIFO may be made: this shows that the refusal above is about devices.
    os.mkfifo("/tmp/fifo")
    return names == expected, f"{names}"


@attempt
def raw_disks():
    return all_of(*(opening(path, os.O_RDONLY, "ENOENT") for path in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0", "/dev/loop-control", "/dev/fuse", "/dev/kvm")))


# Mounts and roots.

@attempt
def mount_memory():
    os.makedirs("/tmp/m", exist_ok=True)
    return refused("mount", b"tmpfs", b"/tmp/m", b"tmpfs", 0, None)


@attempt
def mount_proc_of_the_host():
    return refused("mount", b"proc", b"/tmp/m", b"proc", 0, None)


@attempt
def bind_mount():
    return refused("mount", b"/", b"/tmp/m", None, 4096, None)


@attempt
def uncover_proc():
    return all_of(*(refused("umount2", path, 2) for path in (b"/proc/keys", b"/proc", b"/tmp")))


@attempt
def new_mount_interface():
    return all_of(
        refused("open_tree", -100, b"/", 1),
        refused("fsopen", b"tmpfs", 0),
        refused("fspick", -100, b"/", 0),
        refused("move_mount", -100, b"/tmp", -100, b"/tmp/m", 0),
        refused("mount_setattr", -100, b"/usr", 0, ctypes.create_string_buffer(32), 32),
    )


@attempt
def change_root():
    return all_of(refused("chroot", b"/tmp"), refused("pivot_root", b"/tmp", b"/tmp"))


# Namespaces.

@attempt
def unshare_namespaces():
    flags = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80)
    return all_of(*(refused("unshare", flag) for flag in flags))


@attempt
def clone_into_namespaces():
    flags = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    return all_of(*(refused("clone", flag | signal.SIGCHLD, 0, 0, 0, 0) for flag in flags))


@attempt
def clone3_unfiltered():
    return refused("clone3", ctypes.create_string_buffer(88), 88, expect="ENOSYS")


@attempt
def join_namespaces():
    answers = []
    for name in ("mnt", "net", "pid", "user", "uts", "ipc", "cgroup"):
        descriptor = os.open(f"/proc/self/ns/{name}", os.O_RDONLY)
        answers.append(refused("setns", descriptor, 0))
    return all_of(*answers)


@attempt
def namespaces_of_others():
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    foreign = []
    for pid in seen:
        if os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net"):
            foreign.append(pid)
    return seen != [] and not foreign and "1" not in seen, f"sees {seen}"


@attempt
def namespaces_differ_from_the_host():
    names = ("mnt", "net", "pid", "user", "uts", "ipc", "cgroup")
    same = [name for name in names if os.readlink(f"/proc/self/ns/{name}") in os.environ["HOST_NAMESPACES"].split(",")]
    return len(os.environ["HOST_NAMESPACES"].split(",")) == 7 and not same, f"shared with the host: {same}"


# Privilege.

def status(key):
    with open("/proc/self/status") as file:
        return dict(line.split(":", 1) for line in file)[key].strip()


@attempt
def capabilities():
    sets = {key: int(status(key), 16) for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    return not any(sets.values()), f"{sets}"


@attempt
def no_new_privileges_and_seccomp():
    return status("NoNewPrivs") == "1" and status("Seccomp") == "2", f"{status('NoNewPrivs')} {status('Seccomp')}"


@attempt
def become_root():
    results = []
    for change in (os.setuid, os.setgid, os.seteuid, os.setegid):
        for number in (0, 1000):
            try:
                change(number)
                results.append((False, f"{change.__name__}({number}) worked"))
            except OSError as error:
                # EINVAL: no such id in this user namespace.
                results.append((error.errno in (errno.EPERM, errno.EINVAL), errno.errorcode[error.errno]))
    return all_of(*results)


@attempt
def take_groups():
    try:
        os.setgroups([0])
        return False, "setgroups worked"
    except OSError as error:
        return error.errno == errno.EPERM and os.getgroups() in ([], [990], [65534]), f"{os.getgroups()}"


@attempt
def take_capabilities():
    header = struct.pack("Ii", 0x20080522, 0)
    return refused("capset", header, b"\xff" * 24)


@attempt
def set_user_id_programs():
    found, gained = [], []
    for name in ("su", "sudo", "mount", "passwd", "newgrp", "chsh", "newuidmap", "ping"):
        path = f"/usr/bin/{name}"
        if not os.path.exists(path):
            continue
        found.append(name)
        if os.statvfs(path).f_flag & os.ST_NOSUID == 0:
            gained.append(name)
    return found != [] and not gained, f"looked at {found}"


@attempt
def own_set_user_id_program():
    import shutil
    shutil.copy("/usr/bin/id", "/tmp/id")
    os.chmod("/tmp/id", 0o6755)
    import subprocess
    told = subprocess.run(["/tmp/id"], capture_output=True, text=True).stdout
    return "uid=993" in told and "euid" not in told and "=0(" not in told, told.strip()


@attempt
def raise_limits():
    results = []
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK):
        _, hard = resource.getrlimit(limit)
        try:
            resource.setrlimit(limit, (hard + 1, hard + 1))
            results.append((False, f"limit {limit} was raised"))
        except (ValueError, OSError):
            results.append((True, f"{limit}: {hard}"))
    return all_of(*results)


@attempt
def raise_priority():
    results = []
    try:
        os.nice(-5)
        results.append((False, "nice(-5) worked"))
    except OSError as error:
        results.append((error.errno == errno.EPERM, "nice: " + errno.errorcode[error.errno]))
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        results.append((False, "SCHED_FIFO worked"))
    except OSError as error:
        results.append((error.errno == errno.EPERM, "SCHED_FIFO: " + errno.errorcode[error.errno]))
    return all_of(*results)


@attempt
def hide_from_the_out_of_memory_killer():
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("-1000")
        return False, "oom_score_adj was lowered"
    except OSError as error:
        return error.errno == errno.EACCES, errno.errorcode[error.errno]


# Other processes.

@attempt
def trace_a_child():
    return all_of(refused("ptrace", 0, 0, 0, 0), refused("ptrace", 16, os.getpid(), 0, 0))


@attempt
def read_memory_of_others():
    vector = ctypes.create_string_buffer(32)
    return all_of(
        refused("process_vm_readv", 1, vector, 1, vector, 1, 0),
        refused("process_vm_writev", 1, vector, 1, vector, 1, 0),
    )


@attempt
def memory_file_of_process_one():
    return all_of(opening("/proc/1/mem", os.O_RDWR, "ENOENT", "EACCES"), opening("/proc/1/environ", os.O_RDONLY, "ENOENT", "EACCES"))


@attempt
def steal_descriptors():
    descriptor = os.pidfd_open(os.getpid())
    return refused("pidfd_getfd", descriptor, 0, 0)


@attempt
def compare_processes():
    return refused("kcmp", os.getpid(), 1, 0, 0, 0)


@attempt
def kill_process_of_the_host():
    try:
        os.kill(int(os.environ["HOST_PID"]), 0)
        return False, "the host's process answers"
    except ProcessLookupError:
        return True, "ESRCH"


@attempt
def kill_process_one():
    results = []
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP):
        try:
            os.kill(1, number)
        except PermissionError:
            pass
    # Had it died or stopped, this process would not be here, or not be reaped by it.
    results.append((True, "still here"))
    return all_of(*results)


@attempt
def signal_everything():
    def work():
        try:
            os.kill(-1, signal.SIGCONT)
        except OSError:
            pass
        return 0
    return in_child(work) == 0, "kill(-1) reached nobody outside"


@attempt
def outlive_in_another_session():
    # It may start a session, but not leave the process namespace that dies with the sandbox.
    return in_child(lambda: (os.setsid(), 0 if os.getppid() == PARENT else 1)[1]) == 0, "same namespace"


@attempt
def environment_of_other_functions():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                content = file.read()
        except OSError:
            continue
        if os.environ["OTHER_SECRET"][::-1].encode() in content:
            found.append(pid)
    return not found, f"{found}"


@attempt
def tmp_of_other_functions():
    return opening("/tmp/" + os.environ["OTHER_SECRET"], os.O_RDONLY, "ENOENT")


@attempt
def shared_memory_of_the_host():
    key = int(os.environ["HOST_SHM_KEY"])
    result = LIBC.shmget(key, 0, 0)
    return result == -1 and ctypes.get_errno() == errno.ENOENT, errno.errorcode.get(ctypes.get_errno(), "found")


@attempt
def inherited_descriptors():
    listing = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
    seen = sorted(int(name) for name in os.listdir(listing) if int(name) != listing)
    os.close(listing)
    # os.listdir of a descriptor duplicates it.
    seen = [number for number in seen if number in FIRST_DESCRIPTORS]
    return FIRST_DESCRIPTORS == {0, 1, 2}, f"{sorted(FIRST_DESCRIPTORS)}"


# The network.

def connecting(family, address, *expect):
    endpoint = socket.socket(family, socket.SOCK_STREAM)
    endpoint.settimeout(3)
    try:
        endpoint.connect(address)
        return False, f"connected to {address}"
    except OSError as error:
        name = errno.errorcode.get(error.errno, repr(error))
        return name in expect, f"{address}: {name}"
    finally:
        endpoint.close()


@attempt
def port_of_the_host():
    return connecting(socket.AF_INET, ("127.0.0.1", int(os.environ["HOST_PORT"])), "ECONNREFUSED")


@attempt
def ports_that_should_be_there():
    # The two listeners: a control that connecting works at all.
    results = []
    for port in (9001, 4566):
        with socket.create_connection(("127.0.0.1", port), timeout=3):
            results.append((True, f"{port} is reachable"))
    return all_of(*results)


@attempt
def link_local_address():
    return connecting(socket.AF_INET, ("169.254.169.254", 80), "ENETUNREACH")


@attempt
def address_on_the_internet():
    return all_of(
        connecting(socket.AF_INET, ("192.0.2.1", 80), "ENETUNREACH"),
        connecting(socket.AF_INET6, ("2001:db8::1", 80), "ENETUNREACH", "EADDRNOTAVAIL"),
    )


@attempt
def abstract_socket_of_the_host():
    return connecting(socket.AF_UNIX, "\0" + os.environ["HOST_ABSTRACT"], "ECONNREFUSED")


@attempt
def interfaces():
    names = [name for _, name in socket.if_nameindex()]
    return names == ["lo"], f"{names}"


@attempt
def socket_families():
    results = []
    for family, name in ((17, "PACKET"), (38, "ALG"), (40, "VSOCK"), (31, "BLUETOOTH"), (44, "XDP"), (30, "TIPC"), (29, "CAN"), (21, "RDS"), (43, "SMC"), (15, "KEY")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            results.append(refused(41, family, kind, 0))
    return all_of(*results)[0], f"{len(results)} combinations refused"


@attempt
def netlink_protocols():
    refusals = [refused(41, socket.AF_NETLINK, socket.SOCK_RAW, protocol) for protocol in range(1, 23)]
    # NETLINK_ROUTE is what lists interfaces.
    return all_of(*refusals)[0] and call(41, socket.AF_NETLINK, socket.SOCK_RAW, 0) == "OK", "22 protocols"


@attempt
def change_the_network():
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    # RTM_NEWLINK with an acknowledgement: take lo down.
    message = struct.pack("IHHIIBxHiII", 32, 16, 5, 1, 0, 0, 0, 1, 0, 1)
    netlink.send(message)
    answer = netlink.recv(4096)
    code = struct.unpack_from("i", answer, 16)[0]
    return code == -errno.EPERM, f"{errno.errorcode.get(-code, code)}"


@attempt
def raw_sockets():
    return all_of(refused(41, socket.AF_INET, socket.SOCK_RAW, 1), refused(41, socket.AF_INET6, socket.SOCK_RAW, 58), refused(41, socket.AF_INET, socket.SOCK_RAW, 255))


@attempt
def privileged_port():
    endpoint = socket.socket()
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        first = int(file.read())
    if first <= 80:
        return True, "the namespace lets everyone bind; it has no way out"
    try:
        endpoint.bind(("127.0.0.1", 80))
        return False, "port 80 was bound"
    except PermissionError:
        return True, "EACCES"


# Interfaces of the kernel that have been ways out.

@attempt
def io_uring():
    return refused("io_uring_setup", 8, ctypes.create_string_buffer(120))


@attempt
def bpf():
    return refused("bpf", 0, ctypes.create_string_buffer(128), 128)


@attempt
def performance_events():
    return refused("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0)


@attempt
def page_faults_in_user_space():
    return all_of(refused("userfaultfd", 1), opening("/dev/userfaultfd", os.O_RDWR, "ENOENT"))


@attempt
def kernel_keys():
    return all_of(refused("keyctl", 0, -3, 1), refused("add_key", b"user", b"a", b"b", 1, -3), refused("request_key", b"user", b"a", None, 0))


@attempt
def kernel_modules_and_images():
    return all_of(refused("init_module", b"", 0, b""), refused("finit_module", 0, b"", 0), refused("delete_module", b"x", 0), refused("kexec_load", 0, 0, None, 0), refused("kexec_file_load", 0, 0, 0, None, 0))


@attempt
def watch_the_file_system():
    return refused("fanotify_init", 0, 0)


@attempt
def administer_the_machine():
    return all_of(refused("reboot", 0xFEE1DEAD, 672274793, 0x89ABCDEF, None), refused("swapon", b"/tmp/x", 0), refused("acct", None), refused("quotactl", 0, None, 0, None), refused("vhangup"), refused("lookup_dcookie", 0, None, 0))


@attempt
def input_and_output_ports():
    return all_of(refused("iopl", 3), refused("ioperm", 0, 8, 1))


@attempt
def segments_and_secrets():
    return all_of(refused("modify_ldt", 0, ctypes.create_string_buffer(16), 16), refused("memfd_secret", 0), refused("process_madvise", 0, None, 0, 0, 0))


@attempt
def asynchronous_io_slots_of_the_host():
    return refused("io_setup", 1, ctypes.create_string_buffer(8))


@attempt
def set_the_time():
    time = struct.pack("qq", 0, 0)
    return all_of(refused("settimeofday", time, None), refused("clock_settime", 0, time), refused("adjtimex", ctypes.create_string_buffer(256)), refused("clock_adjtime", 0, ctypes.create_string_buffer(256)))


@attempt
def set_the_host_name():
    return all_of(refused("sethostname", b"x", 1), refused("setdomainname", b"x", 1))


@attempt
def type_into_the_terminal():
    results = []
    # With and without a hidden upper half, which the kernel ignores.
    for request in (0x5412, 0x5412 | 1 << 32, 0x541C):
        results.append(refused(16, 0, request, ctypes.create_string_buffer(b"x")))
    return all_of(*results)


@attempt
def weaken_address_randomisation():
    return all_of(refused("personality", 0x0040000), refused("personality", 0x0400000), (call("personality", 0xFFFFFFFF) == "OK", "query works"))


# Other doors to the same calls.

@attempt
def call_of_32_bit_programs():
    # mov eax, 20 (getpid); int 0x80; ret
    status = machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    control = machine_code(b"\xb8\x07\x00\x00\x00\xc3")
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    works = os.WIFEXITED(control) and os.WEXITSTATUS(control) == 7
    return works and ended in (signal.SIGSYS, signal.SIGSEGV), f"signal {ended}"


@attempt
def calls_of_the_x32_interface():
    bit = 0x40000000
    return all_of(
        refused(bit | 39, expect="ENOSYS"),
        refused(bit | SYS["unshare"], 0x10000000, expect="ENOSYS"),
        refused(bit | SYS["mount"], None, None, None, 0, None, expect="ENOSYS"),
        refused(bit | 512, expect="ENOSYS"),
    )


@attempt
def calls_not_invented_yet():
    return all_of(*(refused(number, 0, 0, 0, 0, 0, 0, expect="ENOSYS") for number in (453, 457, 467, 500, 1000)))


@attempt
def loosen_the_filter():
    # A second filter may only tighten: allow everything, then try again.
    allow = struct.pack("HBBI", 6, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(allow)
    program = struct.pack("HxxxxxxQ", 1, ctypes.addressof(buffer))

    def work():
        if call(317, 1, 0, program) != "OK":
            return 2
        return 0 if call("unshare", 0x10000000) == "EPERM" else 1
    return in_child(work) == 0, "an added filter changes nothing"


# Control groups.

@attempt
def control_group_files():
    with open("/proc/self/cgroup") as file:
        paths = {line.strip().split(":", 2)[2] for line in file}
    with open("/proc/self/mountinfo") as file:
        mounted = "cgroup" in file.read()
    return paths == {"/"} and not mounted and not os.path.exists("/sys/fs"), f"{paths}"


@attempt
def mount_control_groups():
    return all_of(refused("mount", b"cgroup", b"/tmp/m", b"cgroup", 0, b"memory"), refused("mount", b"cgroup2", b"/tmp/m", b"cgroup2", 0, None))


def main():
    for name, function in ATTEMPTS:
        try:
            held, detail = function()
        except BaseException as error:
            held, detail = False, f"broke: {error!r}"
        if isinstance(held, tuple):
            held, detail = held
        verdict = "held" if held else "ESCAPED"
        print(name, verdict, detail.replace("\n", " ")[:200], sep="\t", flush=True)
    print("done", flush=True)


PARENT = os.getpid()
FIRST_DESCRIPTORS = set()
for candidate in range(0, 1024):
    try:
        fcntl.fcntl(candidate, fcntl.F_GETFD)
        FIRST_DESCRIPTORS.add(candidate)
    except OSError:
        pass
main()
sys.stdout.flush()
