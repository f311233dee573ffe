# Other processes, and what they left. Continues `frame.py`.

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
