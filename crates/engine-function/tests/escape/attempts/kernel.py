# Interfaces of the kernel that have been ways out, other doors to them, and control groups. Continues `frame.py`.

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
