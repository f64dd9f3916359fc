"""Two accounts that know each other's ids, fuzzed against each other on a real server: nothing crosses.

After every call: the answer holds nothing of the other one, no row of the other one has changed, and whatever named a
thing of the other one was answered word for word as if that thing did not exist.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from openvod import actions
from openvod.core.settings import Settings
from openvod.store import Store
from tests.conftest import SUB_APP, Server, start_server, stop_server
from tests.fuzz import asked
from tests.fuzz.asked import right
from tests.fuzz.conftest import effort
from tests.fuzz.wire import SPEC, Client
from tests.store.conftest import new_media

NAMED = {"SubAppId", "FileId", "FileIds", "TaskId", "VodSessionKey", "EventHandles"}
"""Fields that name a thing of somebody's. Definitions are left out: every application counts its templates from the same
number, so one is no one's in particular.
"""
HARVESTED = {"SubAppId", "FileId", "TaskId", "VodSessionKey", "EventHandle"}
WORDS = {"Name", "Description", "Comment", "SessionContext", "MediaName", "SourceContext", "Content"}
"""Fields that a tenant fills with its own mark."""
SESSIONS = st.sampled_from(["shared-1", "shared-2", "shared-3"])
LEFT_OUT = {"ModifyEventConfig", "PullUpload"}
"""Sets addresses that the server would call by itself; fetches."""


@dataclass
class Tenant:
    """One account: how it calls, and what is its own."""

    mark: str
    client: Client
    account: int
    apps: list[int]
    known: dict[str, set[Any]] = field(default_factory=lambda: {name: set() for name in NAMED})
    sessions: set[str] = field(default_factory=set)

    def owns(self, value: Any) -> bool:
        return any(value in values for values in self.known.values())


class Nothing:
    """Ids of the right form that nobody has."""

    VALUES: ClassVar = {
        "SubAppId": 1_999_999_999,
        "FileId": "999999999999999999",
        "FileIds": "999999999999999999",
        "TaskId": f"{SUB_APP}-ProcessMediaByMPS-{'0' * 32}t",
        "VodSessionKey": "0" * 43,
        "EventHandles": f"999999.{'0' * 32}",
    }


@dataclass
class World:
    """A server, its database, and two tenants."""

    data: Path
    store: Store
    tenants: tuple[Tenant, Tenant]
    files: int = 0

    def other(self, tenant: Tenant) -> Tenant:
        return self.tenants[1 - self.tenants.index(tenant)]

    def rows(self) -> set[tuple[Any, ...]]:
        """Every row of every table, as it is stored."""
        with closing(sqlite3.connect(f"file:{self.data / 'openvod.db'}?mode=ro", uri=True)) as database:
            names = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {
                (name, *row)
                for name in names
                if not name.startswith("sqlite_") and name != "executors"
                for row in database.execute(f"SELECT * FROM {name}")
            }

    def belongs(self, row: tuple[Any, ...], tenant: Tenant) -> bool:
        """Whether a row is a tenant's: it names an application, a file or a task of it, or has its mark."""
        apps = set(tenant.known["SubAppId"])
        texts = {*tenant.known["FileId"], *tenant.known["TaskId"], *tenant.known["VodSessionKey"]}
        return any(
            value in apps or value in texts or (isinstance(value, str) and tenant.mark in value)
            for value in row[1:]
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("tenants") / "data"
    with Store.open(Settings(data=data)) as store:
        first = store.accounts.ensure_first("AKIDfirst", "first-secret", SUB_APP)
        second = store.accounts.create_account("second").id
        server = start_server(data, "--workers", "0")
        tenants = [
            _tenant(store, server, first.account_id, "mark00"),
            _tenant(store, server, second, "mark11"),
        ]
        try:
            yield World(data, store, (tenants[0], tenants[1]))
        finally:
            for tenant in tenants:
                tenant.client.close()
            assert stop_server(server) == 0


def _tenant(store: Store, server: Server, account: int, mark: str) -> Tenant:
    key = store.accounts.create_key(account)
    while len(apps := [app.id for app in store.accounts.list_sub_apps(account)]) < 2:
        store.accounts.create_sub_app(account, mark, "")
    return Tenant(mark, Client(server.address, key.secret_id, key.secret_key), account, apps)


def harvested(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What an answer names."""
    match value:
        case dict():
            for inner, each in value.items():
                yield from harvested(each, inner)
        case list():
            for each in value:
                yield from harvested(each, name)
        case str() | int() if name in HARVESTED and value:
            yield name, value


def named(value: Any, name: str = "") -> Iterator[Any]:
    """What a request names."""
    match value:
        case dict():
            for inner, each in value.items():
                yield from named(each, inner)
        case list():
            for each in value:
                yield from named(each, name)
        case _ if name in NAMED:
            yield value


def changed(value: Any, what: Any, name: str = "") -> Any:
    """A request with `what(name, value)` in the place of every value."""
    match value:
        case dict():
            return {inner: changed(each, what, inner) for inner, each in value.items()}
        case list():
            return [changed(each, what, name) for each in value]
    return what(name, value)


def masked(fields: dict[str, Any], ids: list[Any]) -> str:
    text = json.dumps({name: value for name, value in fields.items() if name != "RequestId"}, sort_keys=True)
    for one in sorted(map(str, ids), key=len, reverse=True):
        text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(one)}(?![0-9A-Za-z])", "<id>", text)
    return text


class Tenants(RuleBasedStateMachine):
    """Calls of both in any order."""

    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        """Each has a file, a task, a template, an open upload and an event in each of two applications."""
        for tenant in self.world.tenants:
            tenant.known = {name: set() for name in NAMED}
            for app in tenant.apps:
                self._furnish(tenant, app)

    def _furnish(self, tenant: Tenant, app: int) -> None:
        call, here = tenant.client.call, {"SubAppId": app}
        call("ModifySubAppIdStatus", {**here, "Status": "On"})
        self.world.files += 1
        file_id = f"{10**17 + self.world.files}"
        store = self.world.store
        media = new_media(store, file_id=file_id, sub_app_id=app, name=tenant.mark, facts={"metadata": {}})
        store.library.add(media)
        task = {**here, "FileId": file_id, "AiAnalysisTask": {"Definition": 21}}
        waiting, aborted = (call("ProcessMediaByMPS", task)["TaskId"] for _ in range(2))
        call("ManageTask", {"TaskId": aborted, "OperationType": "Abort"})
        upload = call("ApplyUpload", {**here, "MediaType": "mp4", "MediaName": tenant.mark})["VodSessionKey"]
        template = {"Name": tenant.mark, "Comment": tenant.mark, "TagConfigure": {"Switch": "ON"}}
        call("CreateMPSTemplate", {**here, "TemplateType": "AIAnalysis", "AIAnalysisTemplate": template})
        for name, values in (
            ("SubAppId", [app]),
            ("FileId", [file_id]),
            ("FileIds", [file_id]),
            ("TaskId", [waiting, aborted]),
            ("VodSessionKey", [upload]),
        ):
            tenant.known[name].update(values)

    @rule(data=st.data(), who=st.integers(0, 1))
    def call(self, data: st.DataObject, who: int) -> None:
        """Any action, about things of either, or of nobody."""
        tenant = self.world.tenants[who]
        action = data.draw(st.sampled_from(ACTIONS))
        known = {name: self._ids(name) for name in NAMED} | {
            "SubAppId": self._ids("SubAppId", (*8 * [who], 1 - who, 2)),  # else it hides all other names
            "Definition": st.sampled_from([21, 30001, 30002]),
            **asked.WORDS,
            "SessionId": SESSIONS,
            "ExpireTime": st.just("9999-12-31T23:59:59Z"),
            **{name: st.just(tenant.mark) for name in WORDS},
        }
        params = data.draw(right(action, known))
        if "MPSProcessMediaParams" in params:
            session = data.draw(SESSIONS)
            passed_on = {
                "AiAnalysisTask": {"Definition": 21},
                "SessionId": session,
                "SessionContext": tenant.mark,
            }
            params["MPSProcessMediaParams"] = json.dumps(passed_on)
        if action == "PullEvents":
            self._pull(tenant, {"SubAppId": params.get("SubAppId")})
        else:
            self._call(tenant, action, params)

    def _pull(self, tenant: Tenant, params: dict[str, Any]) -> None:
        """The events of an application, when there are some: it would wait for them."""
        if self._call(tenant, "DescribeEventsState", params).get("CountOfEventsToPull"):
            answer = self._call(tenant, "PullEvents", params)
            tenant.known["EventHandles"].update(event["EventHandle"] for event in answer["EventSet"])

    def _ids(self, name: str, whose: Sequence[int] = (0, 1, 2)) -> st.SearchStrategy[Any]:
        """One of the first tenant's, of the second's, or of nobody's: what is drawn does not depend on what there is."""

        def picked(drawn: tuple[int, int]) -> Any:
            who, which = drawn
            values = sorted(self.world.tenants[who].known[name]) if who < 2 else []
            return values[-1 - which % len(values)] if values else Nothing.VALUES[name]

        return st.tuples(st.sampled_from(whose), st.integers(0, 3)).map(picked)

    def _call(self, tenant: Tenant, action: str, params: dict[str, Any]) -> dict[str, Any]:
        other = self.world.other(tenant)
        foreign = [value for value in named(params) if other.owns(value)]
        before = self.world.rows()
        answer = tenant.client.call(action, params)
        after = self.world.rows()
        for name, value in harvested(answer):
            tenant.known["EventHandles" if name == "EventHandle" else name].add(value)
            if name == "FileId":
                tenant.known["FileIds"].add(value)
        self._learn(tenant, params, answer)
        touched = [row for row in before ^ after if self.world.belongs(row, other)]
        assert not touched, (action, params, touched)
        self._check_read(other, params, answer)
        if foreign:
            self._check_oracle(tenant, action, params, answer)
        return answer

    def _check_read(self, other: Tenant, params: dict[str, Any], answer: dict[str, Any]) -> None:
        text, asked = json.dumps(answer), json.dumps(params)
        assert other.mark not in text, text
        strings = [
            *other.known["FileId"],
            *other.known["TaskId"],
            *other.known["VodSessionKey"],
            *other.known["SubAppId"],
        ]
        for one in map(str, strings):
            assert one in asked or not re.search(rf"(?<![0-9A-Za-z]){one}(?![0-9A-Za-z])", text), (one, text)

    def _check_oracle(
        self, tenant: Tenant, action: str, params: dict[str, Any], answer: dict[str, Any]
    ) -> None:
        """The same about nobody's things is answered alike."""
        other = self.world.other(tenant)

        def nobody(name: str, value: Any) -> Any:
            return Nothing.VALUES[name] if name in NAMED and other.owns(value) else value

        twin = tenant.client.call(action, changed(params, nobody))
        self._learn(tenant, params, twin)
        ids = [value for value in named(params) if other.owns(value)] + list(Nothing.VALUES.values())
        assert masked(answer, ids) == masked(twin, ids), (action, params)

    def _learn(self, tenant: Tenant, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """A SessionId is taken only by who has used it."""
        given = json.loads(params["MPSProcessMediaParams"]) if params.get("MPSProcessMediaParams") else {}
        session = given.get("SessionId", "") if isinstance(given, dict) else ""
        if answer.get("Error", {}).get("Code") == "InvalidParameterValue.SessionId":
            assert session in tenant.sessions, session
        elif "TaskId" in answer and session:
            tenant.sessions.add(session)


BUILT = sorted(actions.load_all().keys() - LEFT_OUT)
ACTIONS = [
    *BUILT,
    *5 * [name for name in BUILT if (NAMED - {"SubAppId"}) & SPEC.fields(f"{name}Request").keys()],
]
"""Those that name more than an application come more often."""


def test_nothing_crosses_between_two_accounts(world: World) -> None:
    machine = type("Machine", (Tenants,), {"world": world})
    run_state_machine_as_test(machine, settings=effort(5, steps=30))


def test_a_leak_would_be_seen(world: World) -> None:
    """The checks themselves: a foreign row that changes, a mark that is shown, an answer that tells."""
    machine = type("Machine", (Tenants,), {"world": world})()
    machine.begin()
    first, second = world.tenants
    file_id = max(second.known["FileId"])
    with pytest.raises(AssertionError):
        machine._check_read(second, {}, {"Name": second.mark})
    with pytest.raises(AssertionError):
        machine._check_oracle(first, "DeleteMedia", {"FileId": file_id}, {"Error": {"Code": "It.Exists"}})
    before = world.rows()
    second.client.call("ModifyMediaInfo", {"FileId": file_id, "SubAppId": second.apps[1], "Name": "x"})
    assert any(world.belongs(row, second) for row in before ^ world.rows())
