"""Which templates did an application make? Custom MPS templates, numbered per application."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from openvod.core.models import Json
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.tables import sub_apps, templates

MOST = 100
"""Templates of one type that an application may have."""
MAX_DEFINITION = 2**31 - 1


class TooManyTemplates(Exception):
    """The application has as many templates of that type as it may have."""


@dataclass(frozen=True, slots=True)
class Template:
    """A custom template. Times are milliseconds since 1970."""

    sub_app_id: int
    definition: int
    type: str
    """A TemplateType, e.g. `SmartErase`."""
    name: str
    comment: str
    parameters: Json
    """The other fields of the template's structure, in wire spelling."""
    created: int
    updated: int


_COLUMNS = tuple(templates.c[field.name] for field in fields(Template))
_OF_TYPE = (templates.c.sub_app_id == bindparam("sub_app_id"), templates.c.type == bindparam("type"))
_LIST = select(*_COLUMNS).where(*_OF_TYPE).order_by(templates.c.definition)
_THE_ONE = (*_OF_TYPE, templates.c.definition == bindparam("of_definition"))
_GET = select(*_COLUMNS).where(*_THE_ONE)
_NUMBER = (
    update(sub_apps)
    .where(sub_apps.c.id == bindparam("of_sub_app"))
    .values(last_template=sub_apps.c.last_template + 1)
    .returning(sub_apps.c.last_template)
)
_COUNT = select(func.count()).where(*_OF_TYPE)
_ADD = insert(templates).returning(*_COLUMNS)
_CHANGE = (
    update(templates)
    .where(templates.c.sub_app_id == bindparam("of_sub_app"), templates.c.definition == bindparam("at"))
    .values(updated=now_ms())
)
_DELETE = delete(templates).where(*_THE_ONE)


class Templates:
    """The custom templates of all applications."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, sub_app_id: int, kind: str, name: str, comment: str, parameters: Json) -> Template:
        """Store a template of the TemplateType `kind` under the application's next Definition, which nothing had
        before. Raises TooManyTemplates, and LookupError for an unknown application.
        """

        def change(connection: Connection) -> Template:
            # the application's row is locked from here on, so nobody else counts at the same time
            definition = connection.execute(_NUMBER, {"of_sub_app": sub_app_id}).scalar()
            if definition is None:
                raise LookupError(f"there is no application {sub_app_id}")
            if connection.execute(_COUNT, {"sub_app_id": sub_app_id, "type": kind}).scalar_one() >= MOST:
                raise TooManyTemplates(kind)
            row = {
                "sub_app_id": sub_app_id,
                "definition": definition,
                "type": kind,
                "name": name,
                "comment": comment,
                "parameters": parameters,
            }
            return Template(*connection.execute(_ADD, row).one())

        return self._db.write(change)

    def get(self, sub_app_id: int, kind: str, definition: int) -> Template | None:
        """A template of the application; None if there is none of that type and number."""
        if not 0 < definition <= MAX_DEFINITION:
            return None  # the wire's integers are wider than the column
        row = self._db.row(_GET, sub_app_id=sub_app_id, type=kind, of_definition=definition)
        return None if row is None else Template(*row)

    def list(self, sub_app_id: int, kind: str) -> list[Template]:
        """The application's templates of a type by ascending number: at most `MOST`."""
        with self._db.read() as connection:
            rows = connection.execute(_LIST, {"sub_app_id": sub_app_id, "type": kind})
            return [Template(*row) for row in rows]

    def modify(
        self, sub_app_id: int, kind: str, definition: int, changed: Callable[[Template], Template]
    ) -> bool:
        """Replace name, comment and parameters by those of `changed(template)`, whose exception undoes it; False if
        there is no such template. Changes of one template happen one after the other.
        """
        if not 0 < definition <= MAX_DEFINITION:
            return False

        def change(connection: Connection) -> bool:
            wanted = {"sub_app_id": sub_app_id, "type": kind, "of_definition": definition}
            row = connection.execute(_GET.with_for_update(), wanted).one_or_none()
            if row is None:
                return False
            new = changed(Template(*row))
            connection.execute(
                _CHANGE.values(name=new.name, comment=new.comment, parameters=new.parameters),
                {"of_sub_app": sub_app_id, "at": definition},
            )
            return True

        return self._db.write(change)

    def delete(self, sub_app_id: int, kind: str, definition: int) -> bool:
        """Forget a template; tasks that were accepted with it have its parameters. False if there is none."""
        if not 0 < definition <= MAX_DEFINITION:
            return False
        wanted = {"sub_app_id": sub_app_id, "type": kind, "of_definition": definition}
        return self._db.write(lambda connection: connection.execute(_DELETE, wanted).rowcount) > 0
