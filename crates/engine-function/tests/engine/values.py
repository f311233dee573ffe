"""A handler that answers with the value whose number is the event; to null it answers how many there are."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import uuid


Point = collections.namedtuple("Point", "x y")


class Number(enum.IntEnum):
    ONE = 1


class Text(str, enum.Enum):
    A = "a"


class Plain(enum.Enum):
    A = 1


class Float(float):
    def __repr__(self):
        return "mine"


class Int(int):
    def __repr__(self):
        return "mine"

    __str__ = __repr__


class Str(str):
    pass


class Dict(dict):
    pass


class List(list):
    pass


class Tuple(tuple):
    pass


class Fields:
    def _asdict(self):
        return {"q": Point(1, 2)}


class ForJson:
    def for_json(self):
        return 1


@dataclasses.dataclass
class Record:
    a: int = 1


circle = []
circle.append({"a": circle})

# Without a lone surrogate: it ends AWS's client, and ours says that it cannot be marshalled.
VALUES = [
    Point(1, Point(2, [Point(3, 4)])), {"a": Point(1, 2)}, [Point("é", b"x")], (1, 2), Tuple((1, 2)), Point,
    Number.ONE, Text.A, Plain.A, Float(1.5), Int(7), Str("é"), Dict(a=1), List([1]), Fields(), ForJson(), Record(),
    circle, [circle], b"abc", [b"abc"], [b"\xff"], bytearray(b"x"), memoryview(b"x"), {1, 2}, frozenset([1]),
    datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1), uuid.UUID(int=1), 1j, fractions.Fraction(1, 2),
    decimal.Decimal("1.10"), decimal.Decimal("NaN"), decimal.Decimal("-NaN"), decimal.Decimal("Infinity"),
    decimal.Decimal("1E+10"), [decimal.Decimal("1"), "x"], {"d": decimal.Decimal("0E-9")},
    float("nan"), float("inf"), -float("inf"), [float("nan")], 1e16, 1.0, -0.0, 5e-324, 2**70, True, None,
    {1: "a"}, {1.5: "a"}, {True: 1}, {None: 1}, {float("nan"): 1}, {float("inf"): 1}, {(1, 2): 3}, {b"k": 1},
    {b"\xff": 1}, {decimal.Decimal("1"): 2}, {Number.ONE: 1}, {Text.A: 1}, {Plain.A: 1}, {Int(3): 1}, {Float(3): 1},
    {Str("k"): 1}, {uuid.UUID(int=1): 1}, {1: 1, "1": 2}, {"b": 1, "a": 2},
    "\u2028\u2029", "é😀", "\x7f\x00\x1f\"\\/", "</script>", "", [], {}, [[]], {"a": {}},
    range(3), (i for i in [1]), map(int, []), {}.keys(), {"a": 1}.values(), collections.OrderedDict(a=1),
    collections.defaultdict(int, a=1), collections.Counter("a"), collections.deque([1]), collections.ChainMap({"a": 1}),
    array.array("i", [1]), Exception("x"), ValueError, print, ..., object, NotImplemented, {"a": {1, 2}}, [[object]],
]  # fmt: skip


def handler(event, context):
    return len(VALUES) if event is None else VALUES[event]
