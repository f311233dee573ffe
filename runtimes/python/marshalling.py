"""JSON of events and answers.

A part of the interface client: see bootstrap.py, with which it is one program.
"""

import marshal
import os
import sys


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
        self.ascii = sys.version_info < (3, 12)
        try:
            import _json

            self.scan = _json.make_scanner(self)
            self.compiled = _json
            self.text = _json.encode_basestring_ascii if self.ascii else _json.encode_basestring
            self.encoder = None
            self.dump({"": [1, "", None]})
        except (ImportError, AttributeError, TypeError):
            self.use_package()

    def use_package(self):
        import json

        self.load = json.loads
        self.dump = json.JSONEncoder(ensure_ascii=self.ascii, default=self.default).encode

    def load(self, body):
        try:
            text = body.decode("utf-8").strip(" \t\n\r")
            value, end = self.scan(text, 0)
            if end == len(text):
                return value
        except (StopIteration, ValueError):
            pass
        # The package reads more encodings, and tells what is wrong.
        self.use_package()
        return self.load(body)

    def dump(self, value):
        if isinstance(value, str):
            return self.text(value)
        # One that fails remembers the containers it was in.
        encode = self.encoder
        self.encoder = None
        if encode is None:
            encode = self.compiled.make_encoder({}, self.default, self.text, None, ": ", ", ", False, False, True)
        text = "".join(encode(value, 0))
        self.encoder = encode
        return text

    def default(self, value):
        if isinstance(value, bytes):
            return value.decode("utf-8")
        decimal = sys.modules.get("decimal")
        if decimal is not None and isinstance(value, decimal.Decimal):
            if value.is_nan():
                return float("nan")
            if not self.decimals:
                # A text that stands for a decimal until the whole is encoded: numbers cannot be written verbatim.
                self.token = "decimal:" + os.urandom(12).hex() + ":"
            self.decimals.append(str(value))
            return self.token + str(len(self.decimals) - 1)
        raise TypeError("Object of type {} is not JSON serializable".format(type(value).__name__))

    def encode(self, value):
        self.decimals = []
        try:
            # Fails, fast, unless all is of the built-in types themselves, for which the compiled encoder is right.
            marshal.dumps(value)
            text = self.dump(value)
        except (TypeError, ValueError):
            self.decimals = []
            text = self.dump(plain(value, set()))
        if self.decimals:
            parts = text.split('"' + self.token)
            for index in range(1, len(parts)):
                number, rest = parts[index].split('"', 1)
                parts[index] = self.decimals[int(number)] + rest
            text = "".join(parts)
        return text


def plain(value, above):
    """`value` for the encoder of `json`, which knows no objects with names and no keys in bytes. `above`: containers that
    `value` is in."""
    if isinstance(value, (str, int, float, bytes, type)) or value is None:
        return value
    fields = None
    if not isinstance(value, (list, dict)):
        # Named tuples, and whatever else offers its fields in the same way.
        fields = getattr(value, "_asdict", None)
        if not callable(fields) and not isinstance(value, tuple):
            return value
    if id(value) in above:
        raise ValueError("Circular reference detected")
    above.add(id(value))
    if callable(fields):
        shown = plain(fields(), above)
    elif isinstance(value, dict):
        shown = {plain_key(key): plain(field, above) for key, field in value.items()}
    else:
        shown = [plain(element, above) for element in value]
    above.discard(id(value))
    return shown


def plain_key(key):
    if isinstance(key, bytes):
        return key.decode("utf-8")
    if key is None or isinstance(key, (str, int, float)):
        return key
    raise TypeError("keys must be str, int, float, bool or None, not " + type(key).__name__)
