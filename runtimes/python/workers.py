"""Several invocations at once: one process for each, as AWS's runtime for Lambda Managed Instances has them.

Each process initializes the function by itself and speaks to the Runtime API alone. The first one only watches them: it
reports the invocation of one that dies, and starts another in its place.
"""

import mmap
import os
import sys

ID_BYTES = 36
# What a process tells of itself: whether it has asked for an invocation, and the id of the one that it has.
SLOT_BYTES = 1 + ID_BYTES


class Slot:
    """What one process tells the first one."""

    def __init__(self, memory, index):
        self.memory = memory
        self.begin = index * SLOT_BYTES

    def clear(self):
        self.memory[self.begin:self.begin + SLOT_BYTES] = bytes(SLOT_BYTES)

    def asks(self):
        """The initialization is over, and there is no invocation."""
        self.memory[self.begin:self.begin + SLOT_BYTES] = b"\x01" + bytes(ID_BYTES)

    def has(self, request_id):
        text = (request_id or "").encode()[:ID_BYTES].ljust(ID_BYTES, b"\0")
        self.memory[self.begin + 1:self.begin + SLOT_BYTES] = text

    def was_ready(self):
        return self.memory[self.begin] == 1

    def request_id(self):
        return self.memory[self.begin + 1:self.begin + SLOT_BYTES].rstrip(b"\0").decode()


def locked(write):
    """`write` without another process's output in the middle of its own. The lock goes with a process that dies."""
    import fcntl

    descriptor = os.memfd_create("output")

    def write_alone(text):
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        try:
            write(text)
        finally:
            fcntl.lockf(descriptor, fcntl.LOCK_UN)

    return write_alone


def how_it_ended(status):
    if os.WIFSIGNALED(status):
        import signal

        number = os.WTERMSIG(status)
        names = {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault", signal.SIGABRT: "aborted"}
        return "signal: " + names.get(number, "signal {}".format(number))
    code = os.WEXITSTATUS(status)
    return "exit status {}".format(code) if code else None


def report_death(runtime, request_id, status):
    how = how_it_ended(status)
    what = "Runtime exited with error: " + how if how else "Runtime exited without providing a reason"
    document = {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: {} Error: {}".format(request_id, what)}
    import json

    body = json.dumps(document).encode()
    header = b"Lambda-Runtime-Function-Error-Type: Runtime.ExitError\r\n"
    api = runtime.RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        api.send(runtime.RuntimeApi.post("invocation/{}/error".format(request_id), body, header))
        api.receive()
    except OSError:
        # The environment ends; nobody is left to tell.
        pass


def run(runtime, count):
    """Returns in each process that is to serve invocations, with its slot; never in the first one."""
    slots = mmap.mmap(-1, count * SLOT_BYTES)
    processes = {}

    def begin(index):
        slot = Slot(slots, index)
        slot.clear()
        process = os.fork()
        if process:
            processes[process] = slot, index
            return None
        return slot

    for index in range(count):
        slot = begin(index)
        if slot is not None:
            return slot
    while processes:
        process, status = os.wait()
        if process not in processes:
            continue
        slot, index = processes.pop(process)
        if slot.request_id():
            report_death(runtime, slot.request_id(), status)
        if slot.was_ready():
            slot = begin(index)
            if slot is not None:
                return slot
    # None of them could be initialized, and the last one has said why.
    sys.stdout.flush()
    os._exit(1)
