"""The interface client of Python functions: fetches invocations from the Runtime API and runs the handler.

Started with the argument "wait" it begins before the function is known: it imports what handlers usually import, then
reads its assignment, {"environment": {name: value}}, from descriptor 3 until the end. Started with "zygote" it imports
the same and then forks itself into other sandboxes (forks.py), each of which reads its assignment. Started with "template"
it waits for its assignment, initializes the function, and forks itself likewise (SnapStart): each fork takes over its
assignment's variables and serves invocations. Otherwise the environment variables are there already. Standard output carries lines and, between them, frames: events of several lines.

The behaviour is that of AWS's own client; this one has no dependencies and keeps the first import small, because it
stands in the way of every cold start.
"""

import os
import sys
import time

import _socket

ASSIGNMENT_FD = 3

# What handlers import most. A function that brings a module of the same name gets its own: see forget_shadowed.
PRELOADED = (
    "json logging re datetime traceback decimal importlib base64 uuid hashlib random collections functools "
    "urllib.parse urllib.request http.client threading typing dataclasses contextlib math string copy"
).split()
# The official client has imported these before the handler too, so a function cannot replace them on AWS either.
NEVER_SHADOWED = {"json", "logging", "traceback", "decimal", "importlib", "http", "re"}

# An event that may hold line breaks: type, length, microseconds since the epoch, then the text in UTF-8. The first
# bytes cannot begin a character of UTF-8.
FRAME_TYPE = b"\xa5\x5a\x00\x03"

request_id = None
tenant_id = None


class Fault(Exception):
    """A failure that is reported under a type of the runtime's own."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace


# ---- Output


def write_event(text):
    message = text.encode("utf-8", "surrogatepass")
    frame = FRAME_TYPE + len(message).to_bytes(4, "big") + (time.time_ns() // 1000).to_bytes(8, "big") + message
    view = memoryview(frame)
    while view:
        view = view[os.write(1, view):]


class LogSink:
    """What the root logger and `context.log` write to."""

    def log(self, message, frame_type=None):
        write_event(message)


log_sink = LogSink()


def wants_json_logs():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


def set_up_logging(logging):
    """Gives the root logger AWS's handler. Called when `logging` is first imported, by whomever."""

    class LambdaLoggerHandler(logging.Handler):
        def __init__(self):
            logging.Handler.__init__(self)
            self.log_sink = log_sink

        def emit(self, record):
            self.log_sink.log(self.format(record))

    class LambdaLoggerFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id or ""
            record.tenant_id = tenant_id
            return True

    class JsonFormatter(logging.Formatter):
        # Attributes that every record has; anything else was passed as `extra` and is shown.
        usual = set(logging.LogRecord("", 0, "", 0, "", (), None).__dict__)
        usual |= {"message", "asctime", "aws_request_id", "tenant_id", "taskName"}

        def format(self, record):
            import json

            level = min(50, max(0, record.levelno)) // 10 * 10
            failure = record.exc_info
            plain = isinstance(record.msg, dict) and not record.args
            event = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": logging.getLevelName(level),
                "message": record.msg if plain else record.getMessage(),
                "logger": record.name,
                "stackTrace": None,
                "errorType": None,
                "errorMessage": None,
                "requestId": record.aws_request_id,
                "location": None,
                "tenantId": record.tenant_id,
            }
            if failure:
                import traceback

                event["stackTrace"] = traceback.format_tb(failure[2])
                event["errorType"] = failure[0].__name__ if failure[0] else None
                event["errorMessage"] = str(failure[1])
                event["location"] = "{}:{}:{}".format(record.pathname, record.funcName, record.lineno)
            for name, value in record.__dict__.items():
                if name not in self.usual and name not in event:
                    event[name] = value
            event = {name: value for name, value in event.items() if value is not None}
            return json.dumps(event, ensure_ascii=False, default=str)

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    if wants_json_logs():
        handler.setFormatter(JsonFormatter())
    else:
        text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
        handler.setFormatter(logging.Formatter(text, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(LambdaLoggerFilter())
    root = logging.getLogger()
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = "DEBUG" if level == "TRACE" else level
    if level in ("DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"):
        root.setLevel(level)
    root.addHandler(handler)


class LoggingImport:
    """Sets logging up as soon as somebody imports it: importing it here would cost every cold start milliseconds."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(cls)
        import importlib.util

        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            set_up_logging(module)

        spec.loader.exec_module = exec_module
        return spec


def log_failure(document):
    if wants_json_logs():
        import json

        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return write_event(json.dumps(dict({"timestamp": stamp, "level": "ERROR"}, **document), ensure_ascii=False))
    heading = "[ERROR]"
    if document["errorType"]:
        heading += " " + document["errorType"]
    if document["errorMessage"]:
        heading += (": " if document["errorType"] else " ") + document["errorMessage"]
    lines = [heading, "Traceback (most recent call last):"]
    for element in document["stackTrace"]:
        for line in element.splitlines() or [""]:
            text = line.lstrip(" ")
            # No-break spaces: the console would drop the indentation otherwise.
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    write_event("\n".join(lines))


# ---- Errors


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


# ---- Events and answers


class Json:
    """JSON as the official client reads and writes it: numbers of `decimal` as they are, bytes as text, NaN as NaN.

    The package `json` imports `re`, which costs as much as the interpreter's whole start, so its compiled parts are
    used alone until something is wrong with a text, or they are not what they were.
    """

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    constants = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    parse_constant = constants.__getitem__

    def __init__(self):
        self.decimals = []
        # A text that stands for a decimal until the whole is encoded: numbers cannot be written verbatim.
        self.token = "decimal:" + os.urandom(12).hex() + ":"
        self.ascii = sys.version_info < (3, 12)
        self.scan = None
        if "json" not in sys.modules:
            try:
                import _json

                self.scan = _json.make_scanner(self)
                self.compiled = _json
                self.dump({"": [1, "", None]})
            except (ImportError, AttributeError, TypeError):
                self.scan = None
        if self.scan is None:
            self.use_package()

    def use_package(self):
        import json

        self.load = json.loads
        self.dump = json.JSONEncoder(ensure_ascii=self.ascii, default=self.default).encode

    def load(self, body):
        text = body.decode("utf-8").strip(" \t\n\r")
        try:
            value, end = self.scan(text, 0)
        except StopIteration:
            end = None
        if end != len(text):
            # The package tells what is wrong.
            self.use_package()
            return self.load(text)
        return value

    def dump(self, value):
        compiled = self.compiled
        text = compiled.encode_basestring_ascii if self.ascii else compiled.encode_basestring
        if isinstance(value, str):
            return text(value)
        encode = compiled.make_encoder({}, self.default, text, None, ": ", ", ", False, False, True)
        return "".join(encode(value, 0))

    def default(self, value):
        if isinstance(value, bytes):
            return value.decode("utf-8")
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(value, decimal.Decimal):
            if value.is_nan():
                return float("nan")
            self.decimals.append(str(value))
            return self.token + str(len(self.decimals) - 1)
        raise TypeError("Object of type {} is not JSON serializable".format(type(value).__name__))

    def encode(self, value):
        text = self.dump(value)
        if self.decimals:
            parts = text.split('"' + self.token)
            for index in range(1, len(parts)):
                number, rest = parts[index].split('"', 1)
                parts[index] = self.decimals[int(number)] + rest
            self.decimals = []
            text = "".join(parts)
        return text


# ---- The context object


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __repr__(self):
        return show(self, self.__slots__)


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __repr__(self):
        return show(self, self.__slots__)


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __repr__(self):
        return show(self, self.__slots__)


def show(thing, names):
    pairs = ",".join("{}={}".format(name, getattr(thing, name, None)) for name in names)
    return "{}([{}])".format(type(thing).__name__, pairs)


def fill(thing, source):
    for name in thing.__slots__:
        setattr(thing, name, source.get(name))
    return thing


def parse_header(value, name):
    import json

    try:
        return json.loads(value)
    except Exception as failure:
        message = "Unable to parse {} JSON: {}".format(name, failure)
        raise Fault("Runtime.LambdaContextUnmarshalError", message)


class LambdaContext:
    def __init__(self, headers, deadline_ms):
        environ = os.environ
        self.aws_request_id = request_id
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = tenant_id
        self.client_context = None
        self._w3c = {}
        client_context = headers.get("lambda-runtime-client-context")
        if client_context:
            client_context = parse_header(client_context, "Client Context")
            w3c = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
            if isinstance(w3c, dict):
                names = ("traceparent", "tracestate", "baggage")
                self._w3c = {name: w3c[name] for name in names if isinstance(w3c.get(name), str)}
            self.client_context = fill(ClientContext(), client_context)
            if self.client_context.client is not None:
                self.client_context.client = fill(Client(), self.client_context.client)
        self.identity = fill(CognitoIdentity(), {})
        identity = headers.get("lambda-runtime-cognito-identity")
        if identity:
            identity = parse_header(identity, "Cognito Identity")
            self.identity.cognito_identity_id = identity.get("cognitoIdentityId")
            self.identity.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")
        self._epoch_deadline_time_in_ms = deadline_ms

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def w3c(self):
        return dict(self._w3c)

    def log(self, message):
        log_sink.log(str(message))

    def __repr__(self):
        return show(
            self,
            (
                "aws_request_id log_group_name log_stream_name function_name memory_limit_in_mb function_version "
                "invoked_function_arn client_context identity tenant_id"
            ).split(),
        )


# ---- The Runtime API


class RuntimeApi:
    """One connection, kept open. An answer and the next request travel together."""

    NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.socket = None
        self.buffer = b""

    def connect(self):
        if self.socket is not None:
            self.socket.close()
        self.buffer = b""
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect(self.address)
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)

    def send(self, request):
        if self.socket is None:
            self.connect()
        self.socket.sendall(request)

    def receive(self):
        """Status, headers with lower-case names, body. None when the connection has ended."""
        buffer = self.buffer
        receive = self.socket.recv
        end = buffer.find(b"\r\n\r\n")
        while end < 0:
            try:
                piece = receive(65536)
            except ConnectionError:
                return None
            if not piece:
                return None
            buffer += piece
            end = buffer.find(b"\r\n\r\n")
        headers = {}
        head = buffer[:end].decode("utf-8", "replace").split("\r\n")
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        end += 4
        whole = end + int(headers.get("content-length", 0))
        if len(buffer) < whole:
            parts = [buffer]
            missing = whole - len(buffer)
            while missing > 0:
                piece = receive(min(missing, 1 << 20))
                if not piece:
                    return None
                parts.append(piece)
                missing -= len(piece)
            buffer = b"".join(parts)
        self.buffer = buffer[whole:]
        return head[0][9:12], headers, buffer[end:whole]

    def next(self, answer=b""):
        """Sends an answer, if there is one, and waits for the next invocation: headers and body."""
        accepted = None
        for _attempt in range(2):
            try:
                self.send(answer + self.NEXT)
                accepted = self.receive() if answer else True
            except OSError:
                accepted = None
            if accepted is not None:
                break
            # The connection was lost before the answer was taken.
            self.connect()
        if answer and accepted and accepted[1].get("connection") == "close":
            # The answer was refused. What was wrong with it is known to the other side.
            self.connect()
            self.send(self.NEXT)
        received = self.receive()
        if received is None or received[0] != "200":
            os._exit(1)
        return received[1], received[2]

    @staticmethod
    def post(path, body, extra=b""):
        head = "POST /2018-06-01/runtime/{} HTTP/1.1\r\nHost: runtime\r\n".format(path)
        head += "Content-Type: application/json\r\nContent-Length: {}\r\n".format(len(body))
        return head.encode() + extra + b"\r\n" + body


def failure_post(path, document):
    import json

    log_failure(document)
    body = json.dumps(document, ensure_ascii=sys.version_info < (3, 12)).encode("utf-8", "backslashreplace")
    error_type = document["errorType"].encode("latin-1", "replace")
    return RuntimeApi.post(path, body, b"Lambda-Runtime-Function-Error-Type: " + error_type + b"\r\n")


# ---- From the start to the loop


def read_assignment(json, descriptor=ASSIGNMENT_FD):
    parts = []
    while True:
        part = os.read(descriptor, 65536)
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    environment = json.load(b"".join(parts))["environment"]
    # What the waiting interpreter had is no part of the function's environment.
    for name in list(os.environ):
        if name not in environment and name != "LC_CTYPE":
            del os.environ[name]
    os.environ.update(environment)


def assignment_is_there():
    import select

    poll = select.poll()
    poll.register(ASSIGNMENT_FD, select.POLLIN)
    return bool(poll.poll(0))


def preload(until):
    import importlib

    for name in PRELOADED:
        if until():
            return
        importlib.import_module(name)


def load_part(name):
    """A module beside this one, which functions do not see."""
    import importlib.util

    path = "{}/{}.py".format(os.path.dirname(os.path.abspath(__file__)), name)
    spec = importlib.util.spec_from_file_location("bootstrap." + name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forget_shadowed():
    """Lets a function's own modules win over preloaded ones of the same name, as they would on AWS."""
    names = {name.partition(".")[0] for name in PRELOADED + ["ctypes", "gc", "struct"]} - NEVER_SHADOWED
    for entry in os.listdir(os.environ["LAMBDA_TASK_ROOT"]):
        name = entry[:-3] if entry.endswith(".py") else entry
        if name in names:
            for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
                del sys.modules[module]


def set_up_paths():
    version = "python{}.{}".format(*sys.version_info[:2])
    own = os.path.dirname(os.path.abspath(__file__))
    standard = [path for path in sys.path if path and path != own]
    layers = ["/opt/python/lib/{}/site-packages".format(version), "/opt/python"]
    extra = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]
    paths = [os.environ["LAMBDA_TASK_ROOT"]]
    for path in layers + extra + standard:
        if path not in paths:
            paths.append(path)
    sys.path[:] = paths
    # Compiled ahead of time it has another name.
    sys.argv[:] = [own + "/bootstrap.py"]


def add_builtins():
    # What the `site` module adds, without the search for packages that comes with it.
    import builtins

    import _sitebuiltins

    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()


def load_handler(handler):
    import importlib

    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as failure:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '{}': {}".format(handler, failure))
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            message = "Cannot use built-in module {} as a handler module".format(module_name)
            raise Fault("Runtime.BuiltInModuleConflict", message)
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as failure:
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
        context = LambdaContext(headers, int(headers.get("lambda-runtime-deadline-ms", 0)))
        try:
            event = json.load(body)
        except Exception as failure:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(failure))
        answer = handler(event, context)
        if not isinstance(answer, bytes):
            try:
                answer = json.encode(answer).encode("utf-8")
            except Exception as failure:
                raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(failure))
    except Fault as fault:
        return failure_post(path + "error", describe_fault(fault))
    except Exception as failure:
        return failure_post(path + "error", describe_exception(failure))
    return RuntimeApi.post(path + "response", answer)


def take_snapshot(api):
    """Ends the initialization; returns in each fork, which is ready for invocations."""
    forks = load_part("forks")
    path, error_type = "init/error", "Runtime.BeforeSnapshotError"
    try:
        forks.run_hooks("before")
        if api.socket is not None:
            api.socket.close()
            api.socket = None
        obstacle = forks.obstacle()
        if obstacle:
            raise Fault("Nuage.NotForkable", obstacle)
        api.send(b"GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: runtime\r\n\r\n")
        assignment = forks.serve(os.path.dirname(os.path.abspath(__file__)))
        api.socket.close()
        path, error_type = "restore/error", "Runtime.AfterRestoreError"
        read_assignment(Json(), assignment)
        forks.run_hooks("after")
        return
    except Exception as failure:
        api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
        if isinstance(failure, Fault):
            body = failure.message.encode()
            api.send(RuntimeApi.post(path, body, b"Lambda-Runtime-Function-Error-Type: " + failure.error_type.encode() + b"\r\n"))
        else:
            document = describe_exception(failure)
            document["errorType"] = error_type
            api.send(failure_post(path, document))
        api.receive()
        os._exit(1)


def main():
    global request_id, tenant_id
    template = "template" in sys.argv[1:]
    if "wait" in sys.argv[1:] or template:
        # Whoever waits already gains nothing from what is loaded now.
        preload(assignment_is_there)
        read_assignment(Json())
    elif "zygote" in sys.argv[1:]:
        preload(lambda: False)
        # There is none for this process.
        os.close(ASSIGNMENT_FD)
        read_assignment(Json(), load_part("forks").serve(os.path.dirname(os.path.abspath(__file__))))
    os.chdir(os.environ["LAMBDA_TASK_ROOT"])
    set_up_paths()
    add_builtins()
    if "logging" in sys.modules:
        set_up_logging(sys.modules["logging"])
        forget_shadowed()
    else:
        sys.meta_path.insert(0, LoggingImport)

    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ.get("_HANDLER", ""))
    except Exception as failure:
        document = describe_fault(failure) if isinstance(failure, Fault) else describe_exception(failure)
        api.send(failure_post("init/error", document))
        api.receive()
        sys.exit(1)

    if template:
        take_snapshot(api)
        api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])

    json = Json()
    answer = b""
    while True:
        headers, body = api.next(answer)
        request_id = headers.get("lambda-runtime-aws-request-id")
        tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        trace = headers.get("lambda-runtime-trace-id")
        if trace is not None:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        answer = run_handler(handler, json, headers, body)
        body = None


if __name__ == "__main__":
    main()
