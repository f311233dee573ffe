"""How failures are described to whoever invoked.

A part of the interface client: see bootstrap.py, with which it is one program.
"""

import os
import sys


class Fault(Exception):
    """A failure that is reported under a type of the runtime's own."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace


def describe(error_type, message, trace):
    document = {"errorMessage": message or "", "errorType": error_type or ""}
    # Python 3.8 was retired with a client that did not send it yet.
    if sys.version_info >= (3, 9):
        document["requestId"] = request_id or ""
    document["stackTrace"] = trace or []
    return document


def describe_exception(failure):
    import traceback

    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(failure.__traceback__)]
    # The handler's frames begin behind this file's. If there are none (a wrong number of arguments), all stay.
    for index, frame in enumerate(frames):
        if "/bootstrap.py" not in frame[0]:
            frames = frames[index:]
            break
    return describe(type(failure).__name__, str(failure), traceback.format_list(frames))


def describe_fault(fault):
    return describe(fault.error_type, fault.message, fault.trace)
