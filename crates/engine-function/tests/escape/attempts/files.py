# Files of the host and of its kernel, and devices. Continues `frame.py`.

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
