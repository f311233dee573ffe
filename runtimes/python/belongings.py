"""What an initialized function holds beside its memory, and how each fork comes to its own.

On AWS every restored environment is a copy of a whole machine, so what one does is never seen by another. A fork has
memory of its own, but shares with its parent and all other forks whatever descriptors and shared mappings lead to. What
nobody can change is opened anew, because of the position in it; everything else is an obstacle: then the version starts
without a snapshot.

Files in /tmp that are open are among the obstacles. A copy of one could be opened in its place, but programs know a file
by its device and its inode number (SQLite does, to see whether it has been replaced, and for its locks), and those of a
copy are others.
"""

import gc
import os
import stat

# Those of a sandbox: null, zero, full, random and urandom. They remember nothing, so they can be shared.
DEVICES = {os.makedev(1, minor) for minor in (3, 5, 7, 8, 9)}


class Belongings:
    """Made before the function's first instruction."""

    def __init__(self):
        # Each fork has its own under these numbers.
        self.standard = {descriptor: identify(os.fstat(descriptor)) for descriptor in range(3)}
        self.opened = []
        self.directory = None

    def take(self, forks):
        """Looks at what there is when the function has been initialized. Why a fork would not be what this process is; None
        if it would."""
        # A connection that nobody can reach any more is none.
        gc.collect()
        try:
            self.directory = os.getcwd()
            return look_for_others() or self.look_at_descriptors(forks.ORDERS_FD) or look_for_shared_memory(forks.areas())
        except OSError as failure:
            return "what the function left after its initialization cannot be copied: {}".format(failure)

    def look_at_descriptors(self, orders):
        standard, files = {}, set()
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            try:
                state = os.fstat(descriptor)
            except OSError:
                # The listing's own.
                continue
            if descriptor in self.standard:
                standard[descriptor] = identify(state)
                continue
            kind = stat.S_IFMT(state.st_mode)
            if descriptor == orders or kind == stat.S_IFCHR and state.st_rdev in DEVICES:
                continue
            if kind == stat.S_IFSOCK:
                return "the function left a connection open during its initialization"
            path = os.readlink("/proc/self/fd/{}".format(descriptor))
            left = "the function left {!r} open during its initialization".format(path)
            if kind != stat.S_IFREG or not is_read_only(descriptor) or identify(os.stat(path)) != identify(state):
                return left
            with open("/proc/self/fdinfo/{}".format(descriptor)) as file:
                about = dict(line.split(":", 1) for line in file.read().splitlines())
            # One of two may be the other's duplicate, and share its position.
            if identify(state) in files or "lock" in about:
                return left
            files.add(identify(state))
            self.opened.append((descriptor, path, int(about["flags"], 8), int(about["pos"]), os.get_inheritable(descriptor)))
        if standard != self.standard:
            return "the function replaced its standard input or output during its initialization"
        return None

    def restore(self):
        """In a fork."""
        for descriptor, path, flags, position, inheritable in self.opened:
            own = os.open(path, flags)
            if position:
                os.lseek(own, position, os.SEEK_SET)
            os.dup2(own, descriptor, inheritable)
            os.close(own)
        # It came to its mounts at their root.
        os.chdir(self.directory)


def identify(state):
    return state.st_dev, state.st_ino


def is_read_only(file):
    """Whether a file, by its descriptor or its path, is where nobody can change it."""
    return bool(os.statvfs(file).f_flag & os.ST_RDONLY)


def look_for_others():
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return "the function started {} threads during its initialization".format(threads - 1)
    with open("/proc/self/task/{}/children".format(os.getpid())) as file:
        children = file.read().strip()
    # A daemon is nobody's child. Process 1 is not shown.
    if children or sum(name.isdigit() for name in os.listdir("/proc")) > 1:
        return "the function started a process during its initialization"
    return None


def look_for_shared_memory(areas):
    for _first, _end, access, name in areas:
        # What has no file any more, or never had one, has no path either.
        if access.endswith("s") and not (os.path.exists(name) and is_read_only(name)):
            return "the function left shared memory ({!r}) during its initialization".format(name)
    return None
