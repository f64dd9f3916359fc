"""What does an API look like? Its actions and types, the check of a request, the full shape of an answer.

There are three: VOD; MPS, whose structures stand in VOD's outputs; and a few actions of our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from openvod.core import facts, limits
from openvod.core.models import Json
from openvod.core.walker import Findings, compiled, nested

Unknown = Literal["refuse", "ignore"]
Service = Literal["vod", "mps", "openvod"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a structure."""

    type: str
    """`string`, `int64`, `uint64`, `float`, `bool`, `datetime_iso`, `null` (never filled) or a structure."""
    many: bool
    """The field is a list of that type."""
    required: bool
    """In a request."""
    nullable: bool
    """An answer shows it as an explicit null when there is no value."""
    nested: bool
    """The type is a structure."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A structure as an answer is filled by."""

    blank: Json
    """Every field in the API's order, without a value."""
    never_null: tuple[str, ...]
    """Fields that are left out where they have no value; the others are shown as null."""
    structures: Mapping[str, tuple[str, bool]]
    """Fields that hold structures: which one, and whether it is a list of them."""

    @classmethod
    def of(cls, fields: Mapping[str, Field]) -> "_Shape":
        """The shape of a structure with these fields."""
        return cls(
            dict.fromkeys(fields),
            tuple(name for name, field in fields.items() if not field.nullable),
            {name: (field.type, field.many) for name, field in fields.items() if field.nested},
        )


class Spec:
    """The facts of one API, ready for use. Immutable; one serves all threads."""

    def __init__(self, api: Json, shared: Json, known: list[str]) -> None:
        self.service: Service = api["service"]
        self.version: str = api["version"]
        self.known_actions = frozenset(known)
        """Every action name of the API."""
        self.offered = frozenset(api["actions"])
        """The actions whose types are known, i.e. that can be checked."""
        self.outputs = tuple(shared["outputs"])
        """Structures that `OutputText` may hold."""
        types = api["types"] | shared["types"]
        self._fields: dict[str, Mapping[str, Field]] = {
            name: {field: _field(row, types) for field, row in fields.items()}
            for name, fields in types.items()
        }
        self._checks = compiled(types)
        self._shapes = {name: _Shape.of(fields) for name, fields in self._fields.items()}

    def fields(self, type_name: str) -> Mapping[str, Field]:
        """The fields of a structure by name. Raises KeyError."""
        return self._fields[type_name]

    def limits(self, type_name: str, field: str) -> Json:
        """What limits a field's value, with `enum` written out; see `core.limits`."""
        return limits.written_out(limits.row_of(type_name, field))

    def check_request(
        self,
        action: str,
        params: Mapping[str, Any],
        *,
        flat: bool = False,
        tolerated: list[str] | None = None,
    ) -> Json:
        """The parameters as a handler gets them: every field known and of its type, nulls dropped.

        `flat` reads `A.B.0.C=v` pairs, whose values are texts; a JSON text may stand for an object or list.
        With `tolerated`, unknown fields are added to it by their paths instead of being refused. Raises ApiError for
        the first of: unknown field, missing field, wrong type, wrong value.
        """
        findings = Findings(flat=flat, ignore_unknown=tolerated is not None)
        data = nested(params, findings) if flat else params
        checked: Json = self._checks[f"{action}Request"](data, (), findings)
        findings.settle()
        if tolerated is not None:
            tolerated += findings.ignored
        return checked

    def check_struct(self, name: str, value: Any, at: str = "", unknown: Unknown = "refuse") -> Json:
        """The same for one structure that arrived inside a text; `at` is its path in error messages.

        `MPSProcessMediaParams` is the structure of that parameter, whose unknown fields the API ignores.
        """
        findings = Findings(flat=False, ignore_unknown=unknown == "ignore")
        checked: Json = self._checks[name](value, ((), at) if at else (), findings)
        findings.settle()
        return checked

    def fill(self, type_name: str, data: Mapping[str, Any]) -> Json:
        """`data` in the shape of the type: fields in the API's order, nulls where the API shows them.

        Raises ValueError for a field that the type does not have: an answer that nobody would see.
        """
        shape = self._shapes[type_name]
        filled: Json = {**shape.blank, **data}  # most fields of most answers are nulls: no loop touches them
        if len(filled) > len(shape.blank):
            unknown = data.keys() - shape.blank.keys()
            raise ValueError(f"{type_name} has no field {', '.join(sorted(unknown))}")
        for name in shape.never_null:
            if filled[name] is None:
                del filled[name]
        for name in data.keys() & shape.structures.keys():
            value = data[name]
            if value is not None:
                struct, many = shape.structures[name]
                filled[name] = (
                    [self.fill(struct, item) for item in value] if many else self.fill(struct, value)
                )
        return filled

    def check_response(self, action: str, response: Any) -> None:
        """Whether an answer's `Response` is what the API promises. Raises ValueError; for tests."""
        self._check_answer(f"{action}Response", response, f"{action}Response")

    def check_output(self, struct_name: str, value: Any) -> None:
        """The same for the object that an `OutputText` holds."""
        self._check_answer(struct_name, value, struct_name)

    def _check_answer(self, type_name: str, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise ValueError(f"{at} is not an object but {value!r}")
        fields = self._fields[type_name]
        for name, item in value.items():
            if name not in fields:
                raise ValueError(f"{at} has no field {name}")
            field, where = fields[name], f"{at}.{name}"
            if item is None:
                if not field.nullable:
                    raise ValueError(f"{where} must not be null")
            elif not field.many:
                self._check_answered(field, item, where)
            elif not isinstance(item, list):
                raise ValueError(f"{where} is not a list but {item!r}")
            else:
                for index, each in enumerate(item):
                    self._check_answered(field, each, f"{where}.{index}")

    def _check_answered(self, field: Field, value: Any, at: str) -> None:
        if field.nested:
            self._check_answer(field.type, value, at)
        elif type(value) not in _PYTHON[field.type] or (field.type == "uint64" and value < 0):
            raise ValueError(f"{at} is not of type {field.type} but {value!r}")


_PYTHON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "datetime_iso": (str,),
    "int64": (int,),
    "uint64": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (),
}


def _field(row: list[str], types: Mapping[str, Json]) -> Field:
    kind = row[0].removesuffix("[]")
    flags = "".join(row[1:])
    return Field(
        type=kind,
        many=row[0] != kind,
        required="r" in flags,
        nullable="n" in flags or kind == "null",
        nested=kind in types,
    )


@cache
def load(service: Service = "vod") -> Spec:
    """An API's facts, read once."""
    names = {"vod": "actions", "mps": "mps_actions", "openvod": "openvod"}[service]
    return Spec(facts.read(service), facts.read("mps_outputs"), facts.read(names)["actions"])
