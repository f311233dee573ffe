# Mounts, roots and namespaces. Continues `frame.py`.

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
