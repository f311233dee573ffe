"""What the function and its interface client write: the root logger, in both formats, and failures.

A part of the interface client: see bootstrap.py, with which it is one program.
"""

import os
import sys
import time

# An event that may hold line breaks: type, length, microseconds since the epoch, then the text in UTF-8. The first
# bytes cannot begin a character of UTF-8.
FRAME_TYPE = b"\xa5\x5a\x00\x03"

# The current invocation's.
request_id = None
tenant_id = None


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


def wants_json_logs(variables=os.environ):
    return variables.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


def set_up_logging(logging):
    """Gives the root logger AWS's handler, which it returns. Called when `logging` is first imported, by whomever."""

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

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler.setFormatter(logging.Formatter(text, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(LambdaLoggerFilter())
    logging.getLogger().addHandler(handler)
    return handler


def configure_logging(logging, handler, variables=os.environ):
    """What of logging depends on the function's variables."""
    if wants_json_logs(variables):
        handler.setFormatter(json_formatter(logging))
    level = variables.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = "DEBUG" if level == "TRACE" else level
    if level in ("DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"):
        logging.getLogger().setLevel(level)


def json_formatter(logging):
    class JsonFormatter(logging.Formatter):
        # Attributes that every record has; anything else was passed as `extra` and is shown.
        usual = set(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) - {"taskName"}
        usual |= {"aws_request_id", "tenant_id"}

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

    return JsonFormatter()


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
            configure_logging(module, set_up_logging(module))

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


# What AWS's client says where a function cannot be initialized.
UNHANDLED = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. However, in rare cases, "
    "a Lambda runtime update can cause unexpected function behavior. For functions using managed runtimes, runtime updates "
    "can be triggered by a function change, or can be applied automatically. To determine if the runtime has been updated, "
    "check the runtime version in the INIT_START log entry. If this error correlates with a change in the runtime version, "
    "you may be able to mitigate this error by temporarily rolling back to the previous runtime version. For more "
    "information, see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)

told_of_sdk = False


def tell_of_sdk(failure):
    """Says once how to get the AWS SDK, which functions need not bring on AWS, if it is this that was not found."""
    global told_of_sdk
    name = getattr(failure, "name", None) if isinstance(failure, ImportError) else None
    if told_of_sdk or not isinstance(name, str) or name.partition(".")[0] not in ("boto3", "botocore"):
        return
    if os.path.exists(os.path.dirname(os.path.abspath(__file__)) + "/boto3"):
        return
    told_of_sdk = True
    runtime = os.environ.get("AWS_EXECUTION_ENV", "").replace("AWS_Lambda_", "")
    text = "Nuage found no AWS SDK for Python on its host. To give it to all functions, run there: nuage runtime install {}"
    write_event(text.format(runtime))
