"""What only a fork of a zygote could try. Prints a line per attempt like attempts.py."""

import os
import signal
import sys


def tell(name, held, detail):
    print(name, "held" if held else "ESCAPED", str(detail)[:200].replace("\n", " "), sep="\t", flush=True)


with open("/proc/self/maps") as file:
    maps = [line.split() for line in file]
shared = [line for line in maps if "s" in line[1] and "w" in line[1]]
# What another process could change, or what could be changed and then run.
tell("a_fork_shares_no_memory", not shared and not any("w" in m[1] and "x" in m[1] for m in maps), shared)

own = os.getpid()
seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
tell("a_fork_sees_no_zygote", seen == [own], seen)

found = []
for number in range(3, 1024):
    try:
        found.append(os.readlink("/proc/self/fd/%d" % number))
    except OSError:
        pass
with open("/proc/net/unix") as file:
    sockets = file.read().splitlines()[1:]
tell("a_fork_holds_no_way_to_its_zygote", not found and not sockets, (found, sockets))

killed = []
for pid in range(2, 70_000):
    if pid != own:
        try:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
        except OSError:
            pass
tell("a_fork_kills_no_zygote", not killed, killed)
print("done", flush=True)
sys.stdout.flush()
os._exit(0)
