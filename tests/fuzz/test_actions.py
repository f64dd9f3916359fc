"""Every action of a real server, asked with what the facts allow and with what they do not."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod import actions
from openvod.core.settings import Settings
from openvod.store import Store
from tests.conftest import SECRET_ID, SECRET_KEY, SUB_APP, start_server, stop_server
from tests.fuzz.asked import WORDS, off_by_one, right
from tests.fuzz.conftest import effort
from tests.fuzz.test_forms import BODIES, LATIN
from tests.fuzz.wire import SPEC, Client
from tests.store.conftest import new_media

BUILT = sorted(actions.load_all())
Known = dict[str, st.SearchStrategy[Any]]
COUNT = itertools.count(1)
REFUSED = {"CommitUpload", "ConfirmEvents", "PullEvents", "PullUpload"}
"""What can only succeed after something that is not there."""


@dataclass(frozen=True)
class Served:
    """A server without workers, so that tasks wait for ever, and its store."""

    store: Store
    client: Client


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("fuzz") / "data"
    with Store.open(Settings(data=data)) as store:
        store.accounts.ensure_first(SECRET_ID, SECRET_KEY, SUB_APP)
        server = start_server(data, "--workers", "0")
        client = Client(server.address, SECRET_ID, SECRET_KEY)
        try:
            yield Served(store, client)
        finally:
            client.close()
            assert stop_server(server) == 0


@pytest.fixture
def client(served: Served) -> Client:
    return served.client


@pytest.fixture
def known(served: Served, client: Client) -> Known:
    """What there is to ask about, whatever has been asked before."""
    client.call("ModifySubAppIdStatus", {"SubAppId": SUB_APP, "Status": "On"})
    here = {"SubAppId": SUB_APP}
    file_ids = [str(next(COUNT)) for _ in range(3)]
    for file_id in file_ids:
        facts = {"metadata": {}, "duration": 1.0}
        served.store.library.add(new_media(served.store, file_id=file_id, sub_app_id=SUB_APP, facts=facts))
    asked = [{**here, "FileId": file_id, "AiAnalysisTask": {"Definition": 21}} for file_id in file_ids]
    tasks = [client.call("ProcessMediaByMPS", params)["TaskId"] for params in asked]
    upload = client.call("ApplyUpload", {**here, "MediaType": "mp4"})["VodSessionKey"]
    template = {"Name": "n", "Comment": "c", "TagConfigure": {"Switch": "ON"}}
    created = {**here, "TemplateType": "AIAnalysis", "AIAnalysisTemplate": template}
    definition = client.call("CreateMPSTemplate", created)["Definition"]
    return {
        **WORDS,
        "SubAppId": st.just(SUB_APP),
        "FileId": st.sampled_from(file_ids),
        "FileIds": st.sampled_from(file_ids),
        "TaskId": st.sampled_from(tasks),
        "VodSessionKey": st.just(upload),
        "Definition": st.just(definition) | st.sampled_from([21, 100, 101, 4, 0, 1]),
    }


def waiting(client: Client, params: dict[str, Any]) -> int:
    """How many events there are to pull."""
    count: int = client.call("DescribeEventsState", {"SubAppId": params.get("SubAppId")}).get(
        "CountOfEventsToPull", 0
    )
    return count


@pytest.mark.parametrize("action", BUILT)
def test_any_request_gets_an_answer_of_the_promised_shape(client: Client, known: Known, action: str) -> None:
    succeeded = 0

    @given(right(action, known) | off_by_one(action, known))
    def asked(params: dict[str, Any]) -> None:
        nonlocal succeeded
        if action == "PullEvents" and not waiting(client, params):
            return  # it would wait for five seconds
        succeeded += "Error" not in client.call(action, params)

    for examples in (15, 300):  # all of a few requests may be refused; more of the same begin with these
        effort(examples)(asked)()
        if succeeded or action in REFUSED:
            break
    assert succeeded or action in REFUSED


@effort(100)
@given(
    st.sampled_from(BUILT),
    st.binary(max_size=200) | BODIES,
    st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "text/plain",
        ]
    ),
)
def test_any_signed_body_gets_an_answer(client: Client, action: str, body: bytes, content_type: str) -> None:
    if action != "PullEvents":
        client.send("POST", "/", client.signed(action, body, content_type), body)


HEADER = LATIN.map(lambda text: "".join(each for each in text if each.isprintable()).strip())


HEADERS = [
    *("X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "X-TC-Region", "X-TC-Language", "X-TC-Token"),
    *(
        "X-TC-Content-SHA256",
        "X-TC-RequestClient",
        "Authorization",
        "Content-Type",
        "Origin",
        "Accept-Encoding",
    ),
]


@effort(100)
@given(
    st.sampled_from(BUILT),
    st.dictionaries(st.sampled_from(HEADERS), HEADER.filter(bool), max_size=4),
    st.sampled_from(["GET", "POST"]),
    HEADER,
)
def test_any_mix_of_headers_gets_an_answer(
    client: Client, action: str, changes: dict[str, str], method: str, query: str
) -> None:
    body = json.dumps({"SubAppId": SUB_APP}).encode()
    headers = {**client.signed(action, body), "X-TC-Token": "", **changes}
    quoted = "".join(each if each.isascii() and each not in " #" else "+" for each in query)
    if action != "PullEvents":
        client.send(method, f"/?{quoted}", headers, body)


def test_every_action_is_asked() -> None:
    assert set(BUILT) <= SPEC.offered
