"""The interface client of Python functions: fetches invocations from the Runtime API and runs the handler.

Started with the argument "wait" it begins before the function is known: it imports what handlers usually import, then
reads its assignment, {"environment": {name: value}}, from descriptor 3 until the end. Started with "zygote" it imports
the same and then forks itself into other sandboxes (forks.py), each of which reads its assignment. Started with "template"
it waits for its assignment, initializes the function, and forks itself likewise (SnapStart): each fork takes over its
assignment's variables and serves invocations. Otherwise the environment variables are there already. Where
AWS_LAMBDA_MAX_CONCURRENCY is set, as many processes serve invocations at once (workers.py). Standard output carries lines
and, between them, frames: events of several lines.

The behaviour is that of AWS's own client; this one has no dependencies and keeps the first import small, because it
stands in the way of every cold start.

It is one program in several files, which the engine joins: log.py, failure.py, marshalling.py, context.py, runtime_api.py
and, last, this one. They share their names. To import them one by one would cost a cold start milliseconds.
"""

import _imp
import os
import sys
# What `importlib.machinery` has, without its import.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader

ASSIGNMENT_FD = 3
# In every sandbox.
RUNTIME_API = "127.0.0.1:9001"
OWN_FOLDER = os.path.dirname(os.path.abspath(__file__))

# What handlers import most. A function that brings a module of the same name gets its own: see forget_shadowed.
PRELOADED = (
    "json logging re datetime traceback decimal importlib base64 uuid hashlib random collections functools "
    "urllib.parse urllib.request http.client threading typing dataclasses contextlib math string copy"
).split()
# After as many the interpreter (3.11 and later) has specialized its code.
REHEARSALS = 60
# The official client has imported these before the handler too, so a function cannot replace them on AWS either.
NEVER_SHADOWED = {"json", "logging", "traceback", "decimal", "importlib", "http", "re"}


def read_assignment(json, descriptor=ASSIGNMENT_FD):
    text = read_all(descriptor)
    os.close(descriptor)
    return json.load(text)["environment"]


def read_all(descriptor):
    parts = []
    while True:
        part = os.read(descriptor, 16384)
        if not part:
            return b"".join(parts)
        parts.append(part)


def forget_environment():
    # What the waiting interpreter had is no part of the function's environment.
    for name in list(os.environ):
        if name != "LC_CTYPE":
            del os.environ[name]


def set_environment(environment):
    for name, value in environment.items():
        os.environ[name] = value
    return environment


def renew_environment(before, environment):
    """Changes what differs from the variables of before. What the function made of its own since then stays, as all that a
    snapshot holds."""
    for name, value in environment.items():
        if before.pop(name, None) != value:
            os.environ[name] = value
    for name in before:
        os.environ.pop(name, None)


def is_there(descriptor):
    """Whether the assignment can be read."""
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def preload(until):
    import importlib

    for name in PRELOADED:
        if until():
            return
        importlib.import_module(name)


parts = {}


def load_part(name):
    """A module beside this one, which functions do not see."""
    if name in parts:
        return parts[name]
    import importlib.util

    path = "{}/{}.py".format(OWN_FOLDER, name)
    spec = importlib.util.spec_from_file_location("bootstrap." + name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    parts[name] = module
    return module


def rehearse(until):
    """Runs what a cold start runs. A fork shares its memory with the zygote until it writes to it, and each first write to a
    page takes time: so this happens while nobody waits. The zygote itself does it too, often enough for the interpreter to
    have adapted its code to what it meets: a fork that adapts code writes to it."""
    name = "snapshot_restore_py"

    def load():
        import_from(OWN_FOLDER, [name + ".py"], name)
        del sys.modules[name]

    def answer():
        json = Json()
        event = json.load(b'{"environment": {"name": "value", "number": 1}}')
        RuntimeApi.post("path", json.encode(event).encode())
        run_handler(lambda event, context: event, json, {}, b"{}")

    def connect():
        _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).close()
        set_environment({"name": "value"})
        del os.environ["name"]

    for step in (load, answer, connect):
        if until():
            return
        step()


SHADOWED = {name.partition(".")[0] for name in PRELOADED + ["ctypes", "gc", "struct"]} - NEVER_SHADOWED


def forget_shadowed(entries):
    """Lets a function's own modules win over preloaded ones of the same name, as they would on AWS."""
    for entry in entries:
        name = entry[:-3] if entry.endswith(".py") else entry
        if name in SHADOWED:
            for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
                del sys.modules[module]


def import_from(folder, entries, name):
    """Imports a module, from this folder if it has it. `entries`: what the folder holds."""
    import importlib

    spec = find_source(folder, entries, name)
    if spec is not None:
        sys.meta_path.insert(0, Finder(spec))
    return importlib.import_module(name)


def find_source(folder, entries, name):
    """What the interpreter's own finders come to where a module is one file of source in the first folder of the path. They
    look at much more before, and a fork pays for each object that it looks at. None where it may be anything else."""
    file = name + ".py"
    beside = [entry for entry in entries if entry.startswith(name) and (entry == name or entry.startswith(name + "."))]
    if beside != [file] or "." in name or "__pycache__" in entries or name in sys.modules or _imp.is_frozen(name):
        return None
    path = folder + "/" + file
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        source = read_all(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    spec = ModuleSpec(name, SourceLoader(name, path, source), origin=path)
    spec.has_location = True
    if not sys.flags.optimize:
        spec.cached = "{}/__pycache__/{}.{}.pyc".format(folder, name, sys.implementation.cache_tag)
    return spec


class Finder:
    """Finds one module, once."""

    def __init__(self, spec):
        self.spec = spec

    def find_spec(self, name, path=None, target=None):
        if name != self.spec.name:
            return None
        sys.meta_path.remove(self)
        return self.spec


class SourceLoader(SourceFileLoader):
    """Has read its source already, and is as any other when that is compiled."""

    def __init__(self, name, path, source):
        super().__init__(name, path)
        self.source = source

    def get_code(self, name):
        source = self.source
        del self.source
        self.__class__ = SourceFileLoader
        return self.source_to_code(source, self.path)


def own_paths():
    """Where layers have modules, and where the interpreter itself has."""
    layers = ["/opt/python/lib/python{}.{}/site-packages".format(*sys.version_info[:2]), "/opt/python"]
    return layers, [path for path in sys.path if path != OWN_FOLDER]


def set_up_paths(own, root, more):
    layers, standard = own
    paths = [root]
    for group in layers, more.split(":"), standard:
        for path in group:
            if path and path not in paths:
                paths.append(path)
    sys.path[:] = paths


def add_builtins():
    # What the `site` module adds, without the search for packages that comes with it.
    import builtins

    import _sitebuiltins

    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()


def load_handler(handler, root, entries):
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as failure:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '{}': {}".format(handler, failure))
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            message = "Cannot use built-in module {} as a handler module".format(module_name)
            raise Fault("Runtime.BuiltInModuleConflict", message)
        module = import_from(root, entries, module_name.replace("/", "."))
    except ImportError as failure:
        tell_of_sdk(failure)
        message = "Unable to import module '{}': {}".format(module_name, failure)
        raise Fault("Runtime.ImportModuleError", message)
    except SyntaxError as failure:
        trace = ['  File "{}" Line {}\n    {}'.format(failure.filename, failure.lineno, failure.text)]
        message = "Syntax error in module '{}': {}".format(module_name, failure)
        raise Fault("Runtime.UserCodeSyntaxError", message, trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '{}' missing on module '{}'".format(function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", message)


def run_handler(handler, json, headers, body):
    """The request that carries the answer."""
    path = "invocation/{}/".format(request_id)
    try:
        context = LambdaContext(headers, int(headers.get("Lambda-Runtime-Deadline-Ms", 0)))
        try:
            event = json.load(body)
        except Exception as failure:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(failure))
        answer = handler(event, context)
        if not isinstance(answer, bytes):
            try:
                answer = json.encode(answer)
            except Exception as failure:
                raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(failure))
    except Fault as fault:
        return failure_post(path + "error", describe_fault(fault))
    except Exception as failure:
        tell_of_sdk(failure)
        return failure_post(path + "error", describe_exception(failure))
    if isinstance(answer, str):
        # Half of a surrogate pair ends the process, as with AWS's own client.
        answer = answer.encode("utf-8")
    return RuntimeApi.post(path + "response", answer)


def take_snapshot(api, arenas, belongings, environment, json):
    """Ends the initialization; returns in each fork, which is ready for invocations."""
    forks = load_part("forks")
    path, error_type, code = "init/error", "Runtime.BeforeSnapshotError", 64
    try:
        forks.run_hooks("before")
        if api.socket is not None:
            api.socket.close()
            api.socket = None
        obstacle = belongings.take(forks)
        if obstacle:
            raise Fault("Nuage.NotForkable", obstacle)
        api.send(b"GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: runtime\r\n\r\n")
        assignment, _ = forks.serve(OWN_FOLDER, arenas)
        path, error_type, code = "restore/error", "Runtime.AfterRestoreError", 65
        # While the assignment is on its way.
        belongings.restore()
        api.connect()
        renew_environment(environment, read_assignment(json, assignment))
        forks.run_hooks("after")
        return
    except Exception as failure:
        api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
        if isinstance(failure, Fault):
            body = failure.message.encode()
            api.send(RuntimeApi.post(path, body, b"Lambda-Runtime-Function-Error-Type: " + failure.error_type.encode() + b"\r\n"))
        else:
            api.send(failure_post(path, describe_exception(failure), error_type))
        api.receive()
        os._exit(code)


def call_hooks(api):
    """What a function registered around its snapshot, where this host takes none of it: it goes on at once."""
    forks = load_part("forks")
    try:
        error_type, code = "Runtime.BeforeSnapshotError", 64
        forks.run_hooks("before")
        error_type, code = "Runtime.AfterRestoreError", 65
        forks.run_hooks("after")
    except Exception as failure:
        api.send(failure_post("init/error", describe_exception(failure), error_type))
        api.receive()
        os._exit(code)


def main():
    global request_id, tenant_id, write_event
    handler_of_logs = json = api = None
    mode = sys.argv[1:]
    # Compiled ahead of time it has another name.
    sys.argv[:] = [OWN_FOLDER + "/bootstrap.py"]
    variables, paths = os.environ, own_paths()
    template = "template" in mode
    if template:
        forks = load_part("forks")
        arenas = forks.Arenas(OWN_FOLDER)
        belongings = load_part("belongings").Belongings()
        preload(lambda: False)
        for _ in range(REHEARSALS):
            rehearse(lambda: False)
        json = Json()
        forget_environment()
        variables = set_environment(read_assignment(json))
    elif "wait" in mode:
        # Whoever waits already gains nothing from what is loaded now.
        preload(lambda: is_there(ASSIGNMENT_FD))
        json = Json()
        forget_environment()
        variables = set_environment(read_assignment(json))
    elif "zygote" in mode:
        forks = load_part("forks")
        arenas = forks.Arenas(OWN_FOLDER)
        preload(lambda: False)
        # There is none for this process.
        os.close(ASSIGNMENT_FD)
        add_builtins()
        handler_of_logs = set_up_logging(sys.modules["logging"])
        forget_environment()
        # A fork pays for each object that it looks at, so what can be made beforehand is.
        json, api = Json(), RuntimeApi(RUNTIME_API)
        for _ in range(REHEARSALS):
            rehearse(lambda: False)
        assignment, waits = forks.serve(OWN_FOLDER, arenas)
        if waits:
            rehearse(lambda: is_there(assignment))
        api.connect()
        variables = set_environment(read_assignment(json, assignment))
    root = variables["LAMBDA_TASK_ROOT"]
    os.chdir(root)
    entries = os.listdir()
    set_up_paths(paths, root, variables.get("PYTHONPATH", ""))
    if handler_of_logs is None:
        add_builtins()
    if "logging" in sys.modules:
        logging = sys.modules["logging"]
        configure_logging(logging, handler_of_logs or set_up_logging(logging), variables)
        forget_shadowed(entries)
    else:
        sys.meta_path.insert(0, LoggingImport)

    slot = None
    count = int(variables.get("AWS_LAMBDA_MAX_CONCURRENCY") or 0)
    if count > 0 and not template:
        if api is not None:
            # Each of them has its own.
            api.socket.close()
            api = None
        workers = load_part("workers")
        write_event = workers.locked(write_event)
        slot = workers.run(sys.modules[__name__], count)

    json = json or Json()
    api = api or RuntimeApi(variables["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(variables.get("_HANDLER", ""), root, entries)
    except Exception as failure:
        import logging

        logging.warning(UNHANDLED)
        document = describe_fault(failure) if isinstance(failure, Fault) else describe_exception(failure)
        api.send(failure_post("init/error", document))
        api.receive()
        sys.exit(1)

    if template:
        take_snapshot(api, arenas, belongings, variables, json)
    elif variables.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        call_hooks(api)

    answer = b""
    while True:
        if slot is not None:
            slot.asks()
        headers, body = api.next(answer)
        request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        if slot is not None:
            slot.has(request_id)
        tenant_id = headers.get("Lambda-Runtime-Aws-Tenant-Id")
        trace = headers.get("Lambda-Runtime-Trace-Id")
        if trace is not None:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        answer = run_handler(handler, json, headers, body)
        body = None


if __name__ == "__main__":
    main()
