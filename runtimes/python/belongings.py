"""What an initialized function holds beside its memory, and how each fork comes to its own.

On AWS every restored environment is a copy of a whole machine, so what one does is never seen by another. A fork has
memory of its own, but shares with its parent and all other forks whatever descriptors and shared mappings lead to, and
finds an empty /tmp. So it copies its parent's files there. What nobody can change is opened anew, because of the position in
it; everything else is an obstacle: then the version starts without a snapshot.

Files in /tmp that are open are among the obstacles. A copy of one could be opened in its place, but programs know a file
by its device and its inode number (SQLite does, to see whether it has been replaced, and for its locks), and those of a
copy are others.
"""

import errno
import gc
import os
import stat

# Those of a sandbox: null, zero, full, random and urandom. They remember nothing, so they can be shared.
DEVICES = {os.makedev(1, minor) for minor in (3, 5, 7, 8, 9)}
TMP = "/tmp"
# Files, folders and links in it; each takes a fork some 25 microseconds.
ENTRIES_MAX = 10000


class Belongings:
    """Made before the function's first instruction."""

    def __init__(self):
        # Each fork has its own under these numbers.
        self.standard = {descriptor: identify(os.fstat(descriptor)) for descriptor in range(3)}
        self.opened = []
        self.files = Files()
        self.directory = None

    def take(self, forks):
        """Looks at what there is when the function has been initialized. Why a fork would not be what this process is; None
        if it would."""
        # A connection that nobody can reach any more is none.
        gc.collect()
        try:
            self.directory = os.getcwd()
            # In /proc it might be another's.
            if not is_read_only(self.directory) and not (self.directory + "/").startswith(TMP + "/"):
                return "the function went to {!r} during its initialization".format(self.directory)
            # Only where it may come again.
            os.chdir(self.directory)
            found = look_for_others() or self.look_at_descriptors(forks.ORDERS_FD) or look_for_shared_memory(forks.areas())
            return found or self.files.take()
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
        if self.files.entries:
            self.files.restore()
        for descriptor, path, flags, position, inheritable in self.opened:
            own = os.open(path, flags)
            if position:
                os.lseek(own, position, os.SEEK_SET)
            os.dup2(own, descriptor, inheritable)
            os.close(own)
        # It came to its mounts at their root.
        os.chdir(self.directory)


class Files:
    """What lies in /tmp. A fork has another user on the host, so its parent opens all of it for everyone: nobody else can
    reach that folder, and forks do by a descriptor alone. The copies have the modes of before."""

    def __init__(self):
        # Paths, what is known of them, and where links lead; folders before what is in them. All of it, or nothing.
        self.entries = []
        self.source = None

    def take(self):
        entries, first, folders = [(TMP, os.stat(TMP), None)], {}, [TMP]
        os.chmod(TMP, 0o755)
        while folders:
            for entry in os.scandir(folders.pop()):
                path, link, state = entry.path, None, entry.stat(follow_symlinks=False)
                if stat.S_ISLNK(state.st_mode):
                    link = os.readlink(path)
                elif stat.S_ISDIR(state.st_mode):
                    os.chmod(path, 0o755)
                    folders.append(path)
                elif stat.S_ISREG(state.st_mode):
                    os.chmod(path, 0o644)
                    # Another name of the same file.
                    link = first.get(state.st_ino)
                    first.setdefault(state.st_ino, path)
                else:
                    return "the function left {!r}, which is no file, during its initialization".format(path)
                if os.listxattr(path, follow_symlinks=False):
                    return "the function left {!r} with extended attributes during its initialization".format(path)
                entries.append((path, state, link))
                if len(entries) > ENTRIES_MAX:
                    return "the function left more than {} files during its initialization".format(ENTRIES_MAX)
        if len(entries) > 1:
            self.source = os.open(TMP, os.O_PATH | os.O_DIRECTORY)
            self.entries = entries
        return None

    def restore(self):
        mask = os.umask(0o077)
        for path, state, link in self.entries[1:]:
            if stat.S_ISDIR(state.st_mode):
                os.mkdir(path, 0o700)
            elif stat.S_ISLNK(state.st_mode):
                os.symlink(link, path)
            elif link is not None:
                os.link(link, path)
            else:
                source = os.open(path[len(TMP) + 1:], os.O_RDONLY | os.O_NOFOLLOW, dir_fd=self.source)
                copy = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
                copy_content(source, copy, state.st_size)
                os.close(source)
                os.close(copy)
        # A folder's own are set when nothing more is made in it.
        for path, state, _link in reversed(self.entries):
            if not stat.S_ISLNK(state.st_mode):
                os.chmod(path, stat.S_IMODE(state.st_mode))
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns), follow_symlinks=False)
        os.close(self.source)
        os.umask(mask)


def copy_content(source, copy, size):
    """What is there of a file: holes stay holes, however large they are."""
    os.ftruncate(copy, size)
    end = 0
    while True:
        try:
            begin = os.lseek(source, end, os.SEEK_DATA)
        except OSError as failure:
            if failure.errno == errno.ENXIO:
                return
            raise
        end = os.lseek(source, begin, os.SEEK_HOLE)
        os.lseek(copy, begin, os.SEEK_SET)
        while begin < end:
            sent = os.sendfile(copy, source, begin, end - begin)
            if not sent:
                raise OSError(errno.EIO, "a file has become shorter")
            begin += sent


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
