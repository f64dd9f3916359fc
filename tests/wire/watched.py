"""Which fields of a request does the code that serves it look at? Requests whose reads are noted."""

from collections.abc import Iterator, Mapping
from typing import Any

from openvod.core.spec import Spec, Unknown

Reads = set[tuple[str, str]]
"""Structure and field."""


class Watched(dict[str, Any]):
    """A structure of a request that notes what is asked of it by name. Taken as a whole, all of it is `kept`."""

    def __init__(self, type_name: str, fields: Mapping[str, Any], read: Reads, kept: Reads) -> None:
        super().__init__(fields)
        self.about = type_name, read, kept

    def _note(self, name: object) -> None:
        type_name, read, _ = self.about
        read.add((type_name, str(name)))

    def _keep(self) -> None:
        type_name, _, kept = self.about
        kept.update((type_name, name) for name in dict.keys(self))

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self._keep()
        return super().__iter__()

    def keys(self) -> Any:
        self._keep()
        return super().keys()

    def values(self) -> Any:
        self._keep()
        return super().values()

    def items(self) -> Any:
        self._keep()
        return super().items()


class WatchingSpec(Spec):
    """The real spec, whose checked requests are watched."""

    def watch(self) -> tuple[Reads, Reads]:
        """Begin: what is read by name, and what is kept as a whole, from now on."""
        self.read: Reads = set()
        self.kept: Reads = set()
        return self.read, self.kept

    def check_request(self, action: str, params: Mapping[str, Any], **how: Any) -> Any:
        return self._watched(f"{action}Request", super().check_request(action, params, **how))

    def check_struct(self, name: str, value: Any, at: str = "", unknown: Unknown = "refuse") -> Any:
        return self._watched(name, super().check_struct(name, value, at, unknown))

    def _watched(self, type_name: str, value: Mapping[str, Any]) -> Watched:
        fields = self.fields(type_name)
        inner: dict[str, Any] = {}
        for name, each in value.items():
            field = fields.get(name)
            if field is None or not field.nested:
                inner[name] = each
            elif isinstance(each, list):
                inner[name] = [self._watched(field.type, one) for one in each]
            else:
                inner[name] = self._watched(field.type, each)
        return Watched(type_name, inner, self.read, self.kept)
