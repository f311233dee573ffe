"""The context object of handlers.

A part of the interface client: see bootstrap.py, with which it is one program.
"""

import os
import time


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


class Identity:
    """What contexts say of their function, from the variables as they are at the time. Reading a variable decodes it, so
    what was read is kept for as long as the variables' own bytes are the same."""

    NAMES = [
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
    ]
    raw = values = None

    @classmethod
    def read(cls):
        try:
            variables = os.environ._data
            raw = [variables.get(name) for name in cls.BYTES]
            if raw == cls.raw:
                return cls.values
        except AttributeError:
            raw = None
        cls.values = [os.environ.get(name) for name in cls.NAMES]
        cls.raw = raw
        return cls.values


Identity.BYTES = [name.encode() for name in Identity.NAMES]


class LambdaContext:
    def __init__(self, headers, deadline_ms):
        self.aws_request_id = request_id
        (
            self.log_group_name,
            self.log_stream_name,
            self.function_name,
            self.memory_limit_in_mb,
            self.function_version,
        ) = Identity.read()
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.tenant_id = tenant_id
        self.client_context = None
        self._w3c = {}
        client_context = headers.get("Lambda-Runtime-Client-Context")
        if client_context:
            client_context = parse_header(client_context, "Client Context")
            w3c = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
            if isinstance(w3c, dict):
                names = ("traceparent", "tracestate", "baggage")
                self._w3c = {name: w3c[name] for name in names if isinstance(w3c.get(name), str)}
            self.client_context = fill(ClientContext(), client_context)
            if self.client_context.client is not None:
                self.client_context.client = fill(Client(), self.client_context.client)
        self.identity = who = CognitoIdentity()
        who.cognito_identity_id = who.cognito_identity_pool_id = None
        identity = headers.get("Lambda-Runtime-Cognito-Identity")
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
