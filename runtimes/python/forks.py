"""Forks of an interpreter that live in other sandboxes.

A sandbox's process 1 sends an order to descriptor 4: descriptors of its namespaces, of its output, of its assignment and
of a pipe for the answer. The fork enters the namespaces, gives up every right that comes with that, becomes a child of
that process 1 and goes on where `serve` was called. The interpreter itself stays and takes the next order.

Everything that makes the fork what a program started in that sandbox would be stands here: user, capabilities, system
call filter, descriptors, fresh randomness. `crates/engine-function/src/interface_clients/fork_code.rs` tells about the
machine code; `spawner/shim.rs` sends the orders.
"""

import ctypes
import functools
import gc
import os
import struct
import sys

import _socket

ORDERS_FD = 4
# The user and group of every program.
UID = 993
GID = 990

# In the order in which they come, and in which they must be entered: user, mnt, net, ipc, uts, cgroup, pid.
NAMESPACES = (0x10000000, 0x20000, 0x40000000, 0x8000000, 0x4000000, 0x2000000, 0x20000000)
DESCRIPTORS_MAX = 24

# x86-64. On other machines there is no code to run either.
SYS_WRITE, SYS_CLOSE, SYS_DUP2, SYS_CLONE, SYS_SETSID = 1, 3, 33, 56, 112
SYS_SETGROUPS, SYS_SETRESUID, SYS_SETRESGID, SYS_CAPSET, SYS_PRCTL = 116, 117, 119, 126, 157
SYS_PRLIMIT64, SYS_SETNS, SYS_GETRANDOM, SYS_CLONE3 = 302, 308, 318, 435
CLONE_VM, CLONE_VFORK, CLONE_INTO_CGROUP = 0x100, 0x4000, 0x200000000
SIGCHLD = 17
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP = 4, 22, 23, 24
SECCOMP_MODE_FILTER = 2
# Of the words of a job, and of a system call whose first argument is the place of a descriptor: see `fork_code.rs`.
WORDS = 36
FIRST_IS_FILE = 1 << 32
RLIMIT_NPROC = 6
# As in `spawner/lockdown.rs`.
PROCESSES_MAX = 1024
STACK_BYTES = 64 * 1024
# Linux 6.1 and later; 2 MiB on x86-64.
MADV_COLLAPSE = 25
HUGE_PAGE = 2 << 20
# Of addresses; memory is what is used of it.
ARENAS_BYTES = 64 << 20

# Of one size, against an allocator that never begins anew.
HOLES_MAX = 20000


def words(*values):
    return (ctypes.c_uint64 * len(values))(*values)


class Memory:
    """The C library's calls for memory."""

    def __init__(self):
        self.libc = libc = ctypes.PyDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
        libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        for call in libc.mprotect, libc.madvise:
            call.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

    def map(self, size):
        memory = self.libc.mmap(None, size, 3, 0x22, -1, 0)
        if memory in (None, ctypes.c_void_p(-1).value):
            raise OSError(ctypes.get_errno(), "mmap")
        return memory

    def load(self, path):
        """The address of a file's machine code."""
        with open(path, "rb") as file:
            code = file.read()
        if not code:
            raise OSError("there is no code for this machine")
        memory = self.map(len(code))
        ctypes.memmove(memory, code, len(code))
        if self.libc.mprotect(memory, len(code), 5):
            raise OSError(ctypes.get_errno(), "mprotect")
        return memory


class ArenaAllocator(ctypes.Structure):
    """`PyObjectArenaAllocator`."""

    _fields_ = [("context", ctypes.c_void_p), ("allocate", ctypes.c_void_p), ("free", ctypes.c_void_p)]


class Arenas:
    """From now on the interpreter's arenas lie side by side: scattered among libraries they would not fill huge pages."""

    def __init__(self, folder):
        self.memory = memory = Memory()
        self.first = memory.map(ARENAS_BYTES)
        self.usual = ArenaAllocator()
        ctypes.pythonapi.PyObject_GetArenaAllocator(ctypes.byref(self.usual))
        # The usual one takes no notice of its context.
        self.area = words(self.first + -self.first % HUGE_PAGE, self.first + ARENAS_BYTES, self.usual.allocate)
        own = ArenaAllocator(ctypes.addressof(self.area), memory.load(folder + "/arena.bin"), self.usual.free)
        ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(own))

    def end(self):
        """Other arenas come from where they always do. These go as they always do."""
        ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(self.usual))
        rest = self.area[0] + -self.area[0] % HUGE_PAGE
        if rest < self.area[1]:
            self.memory.libc.munmap(rest, self.area[1] - rest)


class Forker(Memory):
    """What forking needs, made ready: while a fork is made nothing should be allocated that need not be."""

    def __init__(self, folder):
        super().__init__()
        libc = self.libc
        libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
        self.run = ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(self.load(folder + "/fork.bin"))
        self.stacks = self.map(2 * STACK_BYTES)
        self.null = os.open("/dev/null", os.O_RDONLY)
        self.pid = os.getpid()
        self.plans, self.steps = {}, []
        self.fork = ctypes.cast(libc.fork, ctypes.c_void_p).value
        self.own = Own()
        # A zygote may have as many processes below it as the host has room for; a function may not.
        self.limit = words(0, 0)
        if libc.getrlimit(RLIMIT_NPROC, self.limit):
            raise OSError(ctypes.get_errno(), "getrlimit")
        self.limit[0] = self.limit[1] = min(self.limit[1], PROCESSES_MAX)
        self.zero = ctypes.create_string_buffer(b"0")
        self.no_capabilities = words(0x20080522, 0, 0, 0, 0)
        at = ctypes.addressof(self.no_capabilities)
        self.give_up = []
        for capability in range(64):
            if libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0:
                break
            self.give_up += [SYS_PRCTL, PR_CAPBSET_DROP, capability, 0, 0, 0]
        self.give_up += [SYS_SETGROUPS, 0, 0, 0, 0, 0]
        self.give_up += [SYS_SETRESGID, GID, GID, GID, 0, 0]
        self.give_up += [SYS_SETRESUID, UID, UID, UID, 0, 0]
        self.give_up += [SYS_CAPSET, at, at + 8, 0, 0, 0]
        self.give_up += [SYS_PRLIMIT64, 0, RLIMIT_NPROC, ctypes.addressof(self.limit), 0, 0]
        # The filter of this process lets two calls pass that no function may make.
        instructions = [
            (0x20, 0, 0, 0),
            (0x15, 0, 1, SYS_SETNS),
            (0x06, 0, 0, 0x50000 | 1),
            (0x15, 0, 1, SYS_CLONE3),
            (0x06, 0, 0, 0x50000 | 38),
            (0x06, 0, 0, 0x7FFF0000),
        ]
        packed = b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)
        self.filter = ctypes.create_string_buffer(packed, len(packed))
        program = struct.pack("<H6xQ", len(instructions), ctypes.addressof(self.filter))
        self.program = ctypes.create_string_buffer(program, len(program))

    def plan(self, has_group, doors):
        """The code's job for orders of this form: itself, its address, its descriptors, their address, and the arguments of
        `clone3`, where it makes H, which need the descriptor of the control group."""
        job, calls, last, closing = words(*[0] * WORDS), [], [], []
        job[20] = ord("P") << 56
        first_file, answer = ctypes.addressof(job) + 24 * 8, ctypes.addressof(job) + 20 * 8 + 7
        files = (ctypes.c_int32 * DESCRIPTORS_MAX).from_address(first_file)
        namespaces, (output, assignment, told), groups = range(7), range(7, 10), range(10, 10 + has_group)
        doors = range(10 + has_group, 10 + has_group + doors)

        def call(of, number, *arguments):
            of += [number, *arguments, *(0,) * (5 - len(arguments))]

        def call_with(of, number, file, *arguments):
            call(of, number | FIRST_IS_FILE, file, *arguments)

        for door in doors:
            call_with(calls, SYS_WRITE, door, ctypes.addressof(self.zero), 1)
        for file, kind in zip(namespaces, NAMESPACES):
            call_with(calls, SYS_SETNS, file, kind)
        calls += self.give_up
        # So that it may read about itself below /proc, as after an execution.
        call(last, SYS_PRCTL, PR_SET_DUMPABLE, 1)
        call(last, SYS_SETSID)
        call(last, SYS_DUP2, self.null, 0)
        for target in 1, 2:
            call_with(last, SYS_DUP2, output, target)
        # Whatever else a function has opened stays open, under its number.
        for file in (*namespaces, output, *groups, *doors):
            call_with(last, SYS_CLOSE, file)
        for descriptor in self.null, ORDERS_FD:
            call(last, SYS_CLOSE, descriptor)
        if self.own.random is not None:
            call(last, SYS_GETRANDOM, self.own.random, RANDOM_BYTES)
        call(last, SYS_PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(self.program))
        call_with(last, SYS_WRITE, told, answer, 5)
        call_with(last, SYS_CLOSE, told)
        for file in (*namespaces, output, assignment, told, *groups, *doors):
            call_with(closing, SYS_CLOSE, file)
        flags = CLONE_VM | CLONE_VFORK
        birth, first = None, []
        if has_group:
            birth = words(flags | CLONE_INTO_CGROUP, 0, 0, 0, SIGCHLD, self.stacks, STACK_BYTES, 0, 0, 0, 0)
            call(first, SYS_CLONE3, ctypes.addressof(birth), 88)
        else:
            call(first, SYS_CLONE, flags | SIGCHLD, self.stacks + STACK_BYTES)
        call(first, SYS_CLONE, flags | SIGCHLD, self.stacks + 2 * STACK_BYTES)
        job[:12] = first
        job[12] = self.fork
        for place, of in (13, calls), (18, last), (22, closing):
            steps = words(*of)
            job[place], job[place + 1] = len(of) // 6, ctypes.addressof(steps)
            self.steps.append(steps)
        return job, ctypes.addressof(job), files, first_file, birth

    def obey(self, message, packed):
        """In the fork: the descriptor of its assignment."""
        form = message[0], message[1]
        if form not in self.plans:
            self.plans[form] = self.plan(*form)
        job, address, files, first_file, birth = self.plans[form]
        ctypes.memmove(first_file, packed, len(packed))
        if birth is not None:
            birth[10] = files[10]
        # What the interpreter does around forks is for other threads, of which there is none, and calls what modules have
        # registered. It is left out: where a whole machine is restored nothing forks. Forks by the function call it all.
        helper = self.run(address)
        if helper == 0:
            self.own.renew(job[21], self.pid)
            return files[8]
        child = ctypes.c_int64(job[16]).value
        if helper < 0 or child <= 0:
            reason = "error {}, {} calls left".format(-min(helper, child), job[17])
            try:
                os.write(files[9], b"F" + reason.encode())
            except OSError:
                # Its sandbox was ended meanwhile, which is why it failed. The other forks must not end with it.
                pass
            for file in files[: len(packed) // 4]:
                os.close(file)
        return None


class Own:
    """What each fork must have of its own: above all chance. It is looked up beforehand, for a fork pays for each object that
    it looks at."""

    def __init__(self):
        modules = sys.modules
        self.calls = []
        self.random = None
        # A function may have a module of its own that is called like this.
        seed = getattr(modules.get("random"), "seed", None)
        if seed is not None:
            seed()
            self.random = state_of_random(getattr(modules["random"], "_inst", None))
            if self.random is None:
                self.calls.append(seed)
        self.ssl = modules.get("_ssl")
        if self.ssl is not None:
            # What makes its chance is made once.
            self.ssl.RAND_bytes(1)
            # From this version on it knows a fork by its process id and then begins anew.
            if self.ssl.OPENSSL_VERSION_INFO < (1, 1, 1):
                self.calls.append(self.add_chance)
        if getattr(modules.get("tempfile"), "_name_sequence", None) is not None:
            self.calls.append(functools.partial(setattr, modules["tempfile"], "_name_sequence", None))
        thread = getattr(modules.get("threading"), "main_thread", lambda: None)()
        self.thread = thread if hasattr(thread, "_native_id") else None

    def add_chance(self):
        self.ssl.RAND_add(os.urandom(48), 48.0)

    def renew(self, pid, parent):
        """In a fork: its process id and that of what it is a fork of, each in its own namespace."""
        if self.thread is not None:
            self.thread._native_id = pid
        for call in self.calls:
            call()
        if pid == parent and self.ssl is not None:
            self.add_chance()


# Of the Mersenne Twister: 624 words of four bytes.
RANDOM_BYTES = 2496


def state_of_random(generator):
    """Where a generator that has just been seeded has its state, behind its position in it: that is at the end, after which
    all words are made anew. None where it is somewhere else."""
    import _random

    size = object.__basicsize__ + 4 + RANDOM_BYTES
    if not isinstance(generator, _random.Random) or generator.__sizeof__() < size:
        return None
    position, *state = (ctypes.c_uint32 * (1 + RANDOM_BYTES // 4)).from_address(id(generator) + object.__basicsize__)
    if position != RANDOM_BYTES // 4 or generator.getstate()[1] != (*state, position):
        return None
    return id(generator) + size - RANDOM_BYTES


def fill_holes(libc):
    """Takes the memory that is free between objects which stay. A fork would use it, each piece on another page, and every
    page that it writes to is copied for it; now it begins on pages of its own."""
    malloc, free = libc.malloc, libc.free
    malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    malloc.argtypes, free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    # A block for which the heap grew: what lies behind it is its unused end.
    last, end = None, libc.sbrk(0)
    for _ in range(HOLES_MAX):
        last = malloc(64 * 1024)
        if libc.sbrk(0) != end:
            break
    behind = []
    for size in list(range(32 * 1024, 1024, -1024)) + list(range(1024, 0, -16)):
        for _ in range(HOLES_MAX):
            at = malloc(size)
            if at is None or at > last:
                behind.append(at)
                break
    for at in behind:
        free(at)
    # The interpreter's own allocator: pools of one size each, the first block behind a head of 48 bytes.
    allocate = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t)(("PyObject_Malloc", ctypes.pythonapi))
    for size in range(16, 513, 16):
        for _ in range(HOLES_MAX):
            if allocate(size) % 4096 == 48:
                break


def areas():
    """What is mapped: beginning and end, access, name."""
    with open("/proc/self/maps") as file:
        for line in file.read().splitlines():
            area, access, _offset, _device, _inode, *name = line.split(None, 5)
            first, end = (int(address, 16) for address in area.split("-"))
            yield first, end, access, name[0] if name else ""


def join_pages(libc):
    """Puts the memory that stays onto huge pages. A fork copies one entry of the page tables for each instead of 512, and
    reading there takes it no first steps; a page that it writes to is copied for it alone as ever."""
    for first, end, access, name in list(areas()):
        if access != "rw-p" or name not in ("", "[heap]"):
            continue
        first += -first % HUGE_PAGE
        while first + HUGE_PAGE <= end:
            # Not every kernel can, nor always: then it stays as it is.
            if libc.madvise(first, HUGE_PAGE, MADV_COLLAPSE):
                break
            first += HUGE_PAGE


def run_hooks(when):
    """What the function registered for `before` the snapshot or `after` the restoration."""
    hooks = sys.modules.get("snapshot_restore_py")
    if hooks is not None:
        for function, args, kwargs in hooks.get_before_snapshot() if when == "before" else hooks.get_after_restore():
            function(*args, **kwargs)


kept = []


def serve(folder, arenas):
    """Takes orders for ever; returns in each fork, with the descriptor of its assignment and whether that may take a while.
    Ends the interpreter when no orders can come any more."""
    forker = Forker(folder)
    # A fork that forgot all this would write to every piece of it.
    kept.extend((forker, arenas))
    orders = _socket.socket(fileno=ORDERS_FD)
    space = _socket.CMSG_SPACE(4 * DESCRIPTORS_MAX)
    gc.collect()
    arenas.end()
    fill_holes(forker.libc)
    gc.freeze()
    join_pages(forker.libc)
    while True:
        message, control, _flags, _sender = orders.recvmsg(16, space, _socket.MSG_CMSG_CLOEXEC)
        if not message:
            os._exit(0)
        assignment = forker.obey(message, control[0][2])
        if assignment is not None:
            orders.detach()
            return assignment, message[2]
