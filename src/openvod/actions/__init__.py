"""The API: one function per action. A handler gets a checked, authenticated call and returns the answer's fields."""

import pkgutil
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Literal

from openvod.core import custom_templates
from openvod.core import templates as presets  # a module of this package has its name
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.core.spec import Service
from openvod.core.sub_tasks import Templates
from openvod.outbound import Policy, Refused, check_url
from openvod.render import Renderer
from openvod.store import Store
from openvod.store.accounts import SubApp
from openvod.store.library import MediaRow
from openvod.store.room import NoRoom
from openvod.store.tasks import FileGone, NewTask, SessionIdTaken, TaskRecord

HISTORY_SECONDS = 72 * 3600
"""How long the vendor answers questions about a task after its creation."""


@dataclass(frozen=True, slots=True)
class Call:
    """One checked and authenticated request, and what a handler may use to serve it."""

    params: Json
    """Checked against the facts file; absent fields are absent, never null."""
    account_id: int
    store: Store
    settings: Settings
    """`public_url` is filled in."""
    now: float
    """Unix seconds."""
    language: str
    """`X-TC-Language`, or empty."""
    warnings: tuple[str, ...] = ()
    """What the check of the request let pass although the API would not; for the task, if the call makes one."""

    def sub_app(self) -> SubApp:
        """The application that `SubAppId` names, or the account's first one.

        An application of another account is as unknown as one that does not exist.
        """
        number = self.params.get("SubAppId")
        sub_app = self.application(number)
        if sub_app is None:
            raise ApiError("InvalidParameterValue.SubAppId", sub_app=number)
        return sub_app

    def application(self, number: int | None) -> SubApp | None:
        """The account's application of that number, or its first one; None if it has none of that number."""
        if number is None:
            return self.store.accounts.default_sub_app(self.account_id)
        sub_app = self.store.accounts.sub_app(number)
        return sub_app if sub_app is not None and sub_app.account_id == self.account_id else None

    def active_sub_app(self) -> SubApp:
        """The same, for what a switched-off application refuses."""
        sub_app = self.sub_app()
        if sub_app.status != "On":
            raise ApiError("FailedOperation.InvalidVodUser")
        return sub_app

    def task(self) -> TaskRecord:
        """The task that `TaskId` names, of any application of the account.

        The application is found by the task, not by SubAppId: the parameter is optional, and its default would be
        the account's first application. A SubAppId that is given and wrong hides the task.
        """
        task_id = self.params["TaskId"]
        task = self.store.tasks.get(task_id)
        if task is None or not self._sees(task):
            raise ApiError("InvalidParameterValue.TaskId", task_id=task_id)
        return task

    def _sees(self, task: TaskRecord) -> bool:
        if task.created < self.remembers_since():
            return False
        owner = self.store.accounts.sub_app(task.sub_app_id)
        if owner is None or owner.account_id != self.account_id:
            return False
        return bool(self.params.get("SubAppId", task.sub_app_id) == task.sub_app_id)

    def templates(self, sub_app_id: int, extended: str) -> Templates:
        """The presets, and behind them the application's own templates. `extended` is the ExtendedParameter of the
        analysis that is asked for.
        """

        def own(kind: str, definition: int) -> Json | None:
            template = self.store.templates.get(sub_app_id, kind, definition)
            return None if template is None else template.parameters

        def analysis(definition: int) -> Json | None:
            switches = own("AIAnalysis", definition)
            return None if switches is None else custom_templates.fan_out(definition, switches, extended)

        return Templates(
            analysis=lambda number: presets.analysis(number) or analysis(number),
            subtitle=lambda number: presets.subtitle(number) or own("SmartSubtitle", number),
            erase=lambda number: presets.erase(number) or own("SmartErase", number),
            embed=lambda number: presets.embed(number) or own("EmbedSubtitle", number),
        )

    def accept(self, task: NewTask) -> None:
        """Store a task and wake a worker. Raises ApiError for a SessionId that is taken, and FileGone."""
        self._accepted(self.store.tasks.add_soon(task))

    def accept_soon(self, task: NewTask, gone: ApiError) -> "Soon":
        """The same, and the TaskId as the answer, for a quick action; `gone` tells of a file that is not there."""
        written = self.store.tasks.add_soon(task)

        def tell() -> Json:
            try:
                self._accepted(written)
            except FileGone as error:
                raise gone from error
            return {"TaskId": task.id}

        return Soon(written, tell)

    def _accepted(self, written: Future[None]) -> None:
        try:
            written.result()
        except SessionIdTaken as error:
            raise ApiError("InvalidParameterValue.SessionId") from error
        self.store.executors.wake()

    def check_room(self) -> None:
        """Whether files can be taken in at all. Raises ApiError."""
        try:
            self.store.room.check()
        except NoRoom as full:
            raise ApiError("ResourceInsufficient") from full

    def policy(self) -> Policy:
        """Which addresses that come from outside may be called."""
        return Policy.of(self.settings.host, self.settings.callback_networks)

    def check_url(self, url: str, field: str, key: str = "InvalidParameterValue/url") -> None:
        """Whether an address from outside may be called. Raises ApiError of that key, which names the field."""
        try:
            check_url(url, self.policy())
        except Refused as refusal:
            raise ApiError(key, field=field, reason=refusal.text) from refusal

    def remembers_since(self) -> int:
        """When the oldest task that can be asked for was created, in milliseconds since 1970: 0 for ever, or 72 hours
        ago as with the vendor.
        """
        return int((self.now - HISTORY_SECONDS) * 1000) if self.settings.vendor_limits else 0

    def link(self, media: MediaRow | None) -> str:
        """A signed URL of a library file that lives from now on; empty when the file is gone."""
        return self.renderer().link(media)

    def renderer(self) -> Renderer:
        """How stored records are shown to this caller."""
        return Renderer(self.store, self.settings.public_url, self.now, self.language)


@dataclass(frozen=True, slots=True)
class Later:
    """Instead of an answer: there is nothing to tell yet. The edge waits, without a thread, and asks again."""

    sub_app_id: int
    """The application whose next event ends the wait."""
    seconds: float
    """How long to wait at most."""
    again: Callable[[bool], Json | None]
    """The answer's fields, or None to go on waiting; with True it is the last time, and there must be an answer."""

    def then(self, change: Callable[[Json], Json]) -> "Later":
        """The same with its answer changed."""

        def again(last: bool) -> Json | None:
            fields = self.again(last)
            return None if fields is None else change(fields)

        return replace(self, again=again)


@dataclass(frozen=True, slots=True)
class Soon:
    """Instead of an answer: it is being written. The edge waits, if need be without a thread, and then has it told."""

    written: Future[None]
    tell: Callable[[], Json]
    """The answer's fields once `written` is done; raises what refuses the call. To be called once."""

    def then(self, change: Callable[[Json], Json]) -> "Soon":
        """The same with its answer changed."""
        return replace(self, tell=lambda: change(self.tell()))


Reply = Json | Later | Soon
Handler = Callable[[Call], Reply]


Pace = Literal["quick", "usual", "slow"]
"""A slow action starts a media process: the edge runs few of these at a time, so that the others never wait. A quick one
reads a few rows that an index leads to, and writes at most once, by `Soon`: with a database in a local file, that takes
less than a thread does to get at it.
"""
PACES: tuple[Pace, ...] = ("quick", "usual", "slow")


@dataclass(frozen=True, slots=True)
class Action:
    """A handler and the name it answers to."""

    name: str
    run: Handler
    pace: Pace = "usual"
    unless: tuple[str, ...] = ()
    """Parameters with which a quick action may take a while."""
    service: Service = "vod"
    """The API that has the action."""

    def pace_with(self, params: Iterable[str]) -> Pace:
        """With parameters of these names, as a request spells them: `A`, or `A.B` of a structure that came flat."""
        if self.unless and any(name.partition(".")[0] in self.unless for name in params):
            return "usual"
        return self.pace


def action(
    name: str, *, pace: Pace = "usual", unless: tuple[str, ...] = (), service: Service = "vod"
) -> Callable[[Handler], Action]:
    """Marks a function as the handler of the action with that wire name."""
    return lambda run: Action(name, run, pace, unless, service)


def load_all(service: Service = "vod") -> dict[str, Action]:
    """Every action of an API by its name. Raises at a duplicate: the start must fail loudly."""
    actions: dict[str, Action] = {}
    for module in pkgutil.iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, Action) and value.service == service:
                if value.name in actions:
                    raise RuntimeError(f"two handlers for {value.name}")
                actions[value.name] = value
    return actions
