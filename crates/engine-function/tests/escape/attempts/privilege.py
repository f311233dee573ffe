# Users, capabilities and limits. Continues `frame.py`.

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
