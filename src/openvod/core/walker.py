"""Is a request what the API's facts say it is? One walker for every form: JSON, flat form, query, multipart.

The facts are compiled once into nested functions. A walk looks at the whole request and reports the worst
finding: the API refuses an unknown field before a missing one, that before a wrong type, and that before a
wrong value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from openvod.core import jsontext, limits
from openvod.core.errors import ApiError
from openvod.core.limits import FLOAT_MAX, RANGE, Expectation
from openvod.core.models import Json
from openvod.core.texts import Text

UNKNOWN, MISSING, TYPE, VALUE = range(4)
"""Ranks of findings: the lowest is the one a client sees."""

SPANS: Mapping[str, tuple[float, float]] = {
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
    "float": (-FLOAT_MAX, FLOAT_MAX),
}
PLAIN = Text("valid Unicode text without NUL", "不含 NUL 的合法 Unicode 文本")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
TYPES: Mapping[str, Text] = {
    "string": Text("string", "字符串"),
    "integer": Text("integer", "整数"),
    "float": Text("float", "浮点数"),
    "bool": Text("bool", "布尔值"),
    "object": Text("object", "对象"),
    "list": Text("list", "数组"),
}
"""JSON types by the API's names."""
MAX_DEPTH = 32
"""More dots than any field's path has: what is deeper can only be an unknown field."""

MAX_IGNORED = 32
"""So many ignored fields are named; a client may send any number."""

Path: TypeAlias = "tuple[()] | tuple[Path, str | int]"
"""Where a value stands, innermost name last; only spelled out when there is something to say."""


class Findings:
    """What a walk found, and how it reads its input."""

    __slots__ = ("_worst", "flat", "ignore_unknown", "ignored")

    def __init__(self, *, flat: bool, ignore_unknown: bool) -> None:
        self.flat = flat
        """Scalars are texts and lists are objects with the keys 0, 1, 2 …"""
        self.ignore_unknown = ignore_unknown
        self.ignored: list[str] = []
        """Paths of the first unknown fields that were passed over."""
        self._worst: tuple[int, ApiError] | None = None

    def add(self, rank: int, key: str, path: Path, **about: object) -> None:
        """Keep this finding if it is the first of a lower rank than all before."""
        if self._worst is None or rank < self._worst[0]:
            self._worst = rank, ApiError(key, field=spelled(path), **about)

    def wrong_type(self, path: Path, expected: str) -> None:
        """The value at `path` is of another type than `expected`."""
        self.add(TYPE, "InvalidParameter/type", path, expected=TYPES[expected])

    def unknown(self, path: Path) -> None:
        """There is no such field as the one at `path`."""
        if not self.ignore_unknown:
            self.add(UNKNOWN, "UnknownParameter", path)
        elif len(self.ignored) < MAX_IGNORED:
            self.ignored.append(spelled(path))

    def settle(self) -> None:
        """Raise the worst finding, if there is one."""
        if self._worst is not None:
            raise self._worst[1]


Check = Callable[[Any, Path, Findings], Any]
"""Checks one value and returns it as the handlers get it (parsed, without nulls)."""


def spelled(path: Path) -> str:
    """`AiAnalysisTask.Definition`: fit for a message, whatever the client named its fields."""
    names: list[str] = []
    while path:
        path, name = path
        names.append(shown(name))
    return shown(".".join(reversed(names)), 256)


def shown(value: object, most: int = 64) -> str:
    """A client's value for a message: at most `most` characters, and always writable as UTF-8."""
    text = str(value)
    text = text if len(text) <= most else text[:most] + "..."
    return text.encode("utf-8", "backslashreplace").decode()


def compiled(types: Mapping[str, Json]) -> Mapping[str, Check]:
    """The check of every structure. All are made at once: several threads will use them."""
    compiler = _Compiler(types)
    return {name: compiler.struct(name) for name in types}


class _Compiler:
    """Makes the check of each structure once."""

    def __init__(self, types: Mapping[str, Json]) -> None:
        self._types = types
        self._made: dict[str, Check] = {}

    def struct(self, name: str) -> Check:
        if name not in self._made:
            checks: dict[str, Check] = {}
            fields = self._types[name]
            required = tuple(field for field, facts in fields.items() if "r" in "".join(facts[1:]))
            self._made[name] = _struct(checks, required)  # before its fields: a structure may contain itself
            for field, facts in fields.items():
                checks[field] = self._field(facts[0], limits.row_of(name, field))
        return self._made[name]

    def _field(self, kind: str, row: Json) -> Check:
        if kind.endswith("[]"):
            return _list(self._field(kind[:-2], row.get("each", {})), row)
        if kind in self._types:
            return self.struct(kind)
        if kind in SPANS:
            low, high = SPANS[kind]
            make = _float if kind == "float" else _integer
            return make(_valued(limits.of_number(row, low, high), row))
        if kind == "bool":
            return _bool
        return _text(_valued(limits.of_text(row, kind), row))


def _valued(expectations: list[Expectation], row: Json) -> Check:
    """The check of a value whose type is right."""
    key, fact = row.get("key", RANGE), row.get("fact", "value")

    def check(value: Any, path: Path, findings: Findings) -> Any:
        for expectation in expectations:
            if (expected := expectation(value)) is not None:
                findings.add(VALUE, key, path, expected=expected, **{fact: shown(value)})
        return value

    return check


def _struct(checks: Mapping[str, Check], required: tuple[str, ...]) -> Check:
    def check(value: Any, path: Path, findings: Findings) -> Any:
        if not isinstance(value, dict):
            return _json_inside(check, "object", value, path, findings)
        found: Json = {}
        for name, item in value.items():
            if item is None:  # some SDKs send every field they know
                continue
            if field := checks.get(name):
                found[name] = field(item, (path, name), findings)
            else:
                findings.unknown((path, name))
        for name in required:
            if name not in found:
                findings.add(MISSING, "MissingParameter", (path, name))
        return found

    return check


def _list(item: Check, row: Json) -> Check:
    fewest, most = row.get("items", (0, limits.MOST_ITEMS))
    few, many = row.get("few", RANGE), row.get("many", RANGE)

    def check(value: Any, path: Path, findings: Findings) -> Any:
        if findings.flat and isinstance(value, dict):
            items = _numbered(value, path, findings)
        elif isinstance(value, list):
            items = value
        else:
            return _json_inside(check, "list", value, path, findings)
        if len(items) < fewest:
            expected = Text(f"a list of at least {fewest}", f"至少 {fewest} 项的数组")
            findings.add(VALUE, few, path, expected=expected, limit=fewest)
        elif len(items) > most:
            expected = Text(f"a list of at most {most}", f"最多 {most} 项的数组")
            findings.add(VALUE, many, path, expected=expected, limit=most)
        return [item(value, (path, index), findings) for index, value in enumerate(items)]

    return check


def _numbered(node: Json, path: Path, findings: Findings) -> list[Any]:
    """The items of a list in a flat form: `A.0`, `A.1` … without gaps. An index is never taken as a size."""
    try:
        return [node[str(index)] for index in range(len(node))]
    except KeyError:
        findings.add(TYPE, "InvalidParameter/flat", path)
        return []


def _json_inside(check: Check, kind: str, value: Any, path: Path, findings: Findings) -> Any:
    """In a multipart form an object or list is one part with JSON text; there strict typing begins again."""
    if not findings.flat or not isinstance(value, str):
        findings.wrong_type(path, kind)
        return value
    try:
        inside = jsontext.parse(value)
    except ValueError:
        findings.wrong_type(path, kind)
        return value
    findings.flat = False
    checked = check(inside, path, findings)
    findings.flat = True
    return checked


def _text(valued: Check) -> Check:
    def check(value: Any, path: Path, findings: Findings) -> Any:
        if not isinstance(value, str):
            findings.wrong_type(path, "string")
            return value
        if "\0" in value or not (value.isascii() or _is_unicode(value)):
            findings.add(VALUE, RANGE, path, expected=PLAIN)
        return valued(value, path, findings)

    return check


def _is_unicode(value: str) -> bool:
    """False for half of a surrogate pair, which JSON can spell and no database can keep."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(valued: Check) -> Check:
    def check(value: Any, path: Path, findings: Findings) -> Any:
        if findings.flat and isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if type(value) is not int:  # a bool is an int to isinstance
            findings.wrong_type(path, "integer")
            return value
        return valued(value, path, findings)

    return check


def _float(valued: Check) -> Check:
    def check(value: Any, path: Path, findings: Findings) -> Any:
        if findings.flat and isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value)
        if type(value) is not float and type(value) is not int:
            findings.wrong_type(path, "float")
            return value
        return valued(value, path, findings)

    return check


def _bool(value: Any, path: Path, findings: Findings) -> Any:
    if findings.flat and isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        findings.wrong_type(path, "bool")
    return value


def nested(pairs: Mapping[str, Any], findings: Findings) -> Json:
    """`{"A.B.0": "v"}` as `{"A": {"B": {"0": "v"}}}`; a name that is both value and object is a finding."""
    tree: Json = {}
    for name, value in pairs.items():
        *parents, last = name.split(".", MAX_DEPTH)
        node: Any = tree
        for part in parents:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                break
        if isinstance(node, dict) and last not in node:
            node[last] = value
        else:
            findings.add(TYPE, "InvalidParameter/flat", ((), name))
    return tree
