"""Whatever comes to the API's door, signed or not: the answer is a whole envelope, and never a failure of ours."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openvod import actions
from openvod.core import signing, spec
from openvod.core.settings import Settings
from openvod.core.signing import Scope
from openvod.edge.gateway import Api, Gateway
from openvod.edge.signature import RawRequest
from openvod.edge.waiting import Waiting
from openvod.store import Store
from tests.fuzz.test_forms import BODIES, HEADERS, LATIN
from tests.fuzz.wire import fields_of
from tests.store.conftest import new_media
from tests.wire import made

NOW = 1_795_337_909
HOST = "127.0.0.1:9000"
APP, FILE_ID = 1, "1"
SECRET_ID, SECRET_KEY = "AKIDfuzz", "fuzz-secret"
SPEC, MPS = spec.load(), spec.load("mps")
BUILT = sorted(actions.load_all())
QUICK = settings(max_examples=100, suppress_health_check=list(HealthCheck))

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
"""Any JSON, also what JSON has no word for: NaN, halves of surrogate pairs."""
HOSTILE: st.SearchStrategy[Any] = (
    st.sampled_from(["\ud800", "\0", "", 2**63, -(2**99), 10**400, True, None, []]) | ANY
)

LIBRARY = {"Type": "VOD", "VODOutputStorage": {"SubAppId": APP, "VodBasic": 1}}
AT_MPS: dict[str, list[dict[str, Any]]] = {
    "ProcessMedia": [
        {
            "InputInfo": source,
            "OutputStorage": LIBRARY,
            "OutputDir": "/a/",
            "AiAnalysisTask": {"Definition": 21, "ExtendedParameter": "{}"},
            "SmartSubtitlesTask": {
                "OutputStorage": LIBRARY,
                "RawParameter": {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt"},
            },
            "SmartEraseTask": {"Definition": 101, "OverrideParameter": {"SubtitleEmbedId": 0}},
            "TaskNotifyConfig": {"NotifyType": "URL", "NotifyUrl": "http://127.0.0.1:1/", "NotifyKey": "k"},
            "TaskType": "Online",
        }
        for source in (
            {"Type": "VOD", "VODInputInfo": {"SubAppId": APP, "FileId": FILE_ID, "VodBasic": 1}},
            {"Type": "URL", "UrlInputInfo": {"Url": "http://127.0.0.1:1/a.mp4"}},
        )
    ],
    "DescribeTaskDetail": [{"TaskId": "1"}],
    "DescribeTasks": [{"Status": "WAITING", "StartTime": "2026-05-12T09:56:58Z", "SubTaskHasFailed": False}],
    "ManageTask": [{"OperationType": "Abort", "TaskId": "1"}],
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The whole gateway over a real store, in no-auth mode."""
    chosen = Settings(
        data=tmp_path_factory.mktemp("fuzz") / "data", no_auth=True, public_url=f"http://{HOST}"
    )
    with Store.open(chosen) as store:
        first = store.accounts.ensure_first(SECRET_ID, SECRET_KEY, APP)
        store.library.add(new_media(store, file_id=FILE_ID, sub_app_id=APP, facts={"metadata": {}}))
        yield Gateway(
            store=store,
            settings=chosen,
            apis={
                SPEC.version: Api(SPEC, actions.load_all()),
                MPS.version: Api(MPS, actions.load_all("mps")),
            },
            clock=lambda: float(NOW),
            first_account=first.account_id,
        )


def answered(gateway: Gateway, raw: RawRequest) -> dict[str, Any]:
    """The answer's fields, after checking what every answer must have."""
    answer: object = gateway.answer(raw)
    if isinstance(answer, Waiting):
        answer = answer.again(True)
    assert isinstance(answer, bytes)
    return fields_of(answer, raw)


def signed(
    action: str, body: bytes, content_type: str = "application/json", api: spec.Spec = SPEC
) -> RawRequest:
    scope = Scope(signing.utc_date(NOW), api.service)
    canonical = signing.canonical_tc3(
        "POST", "", signing.SIGNED_HEADERS, (content_type, HOST), signing.payload_hash(body)
    )
    signature = signing.tc3_signature(SECRET_KEY, scope, str(NOW), canonical)
    headers = {
        "Host": HOST,
        "Content-Type": content_type,
        "X-TC-Action": action,
        "X-TC-Version": api.version,
        "X-TC-Timestamp": str(NOW),
        "Authorization": f"{signing.ALGORITHM} Credential={SECRET_ID}/{scope}, "
        f"SignedHeaders=content-type;host, Signature={signature}",
    }
    return RawRequest("POST", "/", tuple(headers.items()), body)


@QUICK
@given(
    st.sampled_from(["GET", "POST", "PUT", ""]) | LATIN,
    LATIN,
    HEADERS | st.dictionaries(LATIN, LATIN, max_size=4),
    st.lists(st.tuples(LATIN, LATIN), max_size=3),
    BODIES,
)
def test_any_bytes_get_an_answer(
    gateway: Gateway,
    method: str,
    query: str,
    headers: dict[str, str],
    more: list[tuple[str, str]],
    body: bytes,
) -> None:
    answered(gateway, RawRequest(method, f"/?{query}", (*headers.items(), *more), body))


@QUICK
@given(st.sampled_from(BUILT), st.binary(max_size=60) | ANY.map(json.dumps).map(str.encode))
def test_any_signed_body_gets_an_answer(gateway: Gateway, action: str, body: bytes) -> None:
    answered(gateway, signed(action, body))


@QUICK
@given(st.data())
def test_any_parameters_get_an_answer(gateway: Gateway, data: st.DataObject) -> None:
    """Right ones, and right ones but for one; they reach the handlers and the store."""
    action = data.draw(st.sampled_from(BUILT))
    params = data.draw(made.params(action))
    if fields := list(SPEC.fields(f"{action}Request")):
        params |= data.draw(st.dictionaries(st.sampled_from(fields), ANY, max_size=1))
    answered(gateway, signed(action, json.dumps(params).encode()))


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(["SessionId", "SessionContext", "TasksPriority", "SmartSubtitlesTask"]) | st.text(),
        HOSTILE,
        max_size=2,
    )
)
def test_any_parameters_that_are_passed_on_get_an_answer(gateway: Gateway, inner: dict[str, Any]) -> None:
    text = json.dumps({"AiAnalysisTask": {"Definition": 21}, **inner})
    params = {"SubAppId": APP, "FileId": FILE_ID, "MPSProcessMediaParams": text}
    answered(gateway, signed("ProcessMediaByMPS", json.dumps(params).encode()))


@QUICK
@given(st.data())
def test_any_parameters_of_the_other_api_get_an_answer(gateway: Gateway, data: st.DataObject) -> None:
    """Right ones, in which one value at any depth is another; and what was made can be told of."""
    action = data.draw(st.just("ProcessMedia") | st.sampled_from(sorted(MPS.offered)))
    params = data.draw(st.sampled_from(AT_MPS[action]))
    holder = params = json.loads(json.dumps(params))
    type_name = f"{action}Request"
    while fields := MPS.fields(type_name):
        name = data.draw(st.sampled_from(sorted(fields)))
        inside = holder.get(name)
        if isinstance(inside, dict) and data.draw(st.booleans()):
            holder, type_name = inside, fields[name].type
            continue
        holder[name] = data.draw(st.sampled_from([None, 0, 1, 21, 301, "", "x", "Change", {}, []]) | HOSTILE)
        break
    answer = answered(gateway, signed(action, json.dumps(params).encode(), api=MPS))
    if "Error" not in answer:
        MPS.check_response(action, answer)
    if "TaskId" in answer:
        asked = json.dumps({"TaskId": answer["TaskId"]}).encode()
        MPS.check_response(
            "DescribeTaskDetail", answered(gateway, signed("DescribeTaskDetail", asked, api=MPS))
        )
        SPEC.check_response("DescribeTaskDetail", answered(gateway, signed("DescribeTaskDetail", asked)))


@QUICK
@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), HOSTILE), max_size=2), st.booleans())
def test_any_scroll_token_gets_an_answer(
    gateway: Gateway, changes: list[tuple[int, Any]], deep: bool
) -> None:
    """A true one, with parts exchanged."""
    asked = {"SubAppId": APP, "FileId": FILE_ID, "AiAnalysisTask": {"Definition": 21}}
    page = {"SubAppId": APP, "Limit": 1}
    while not (token := answered(gateway, signed("DescribeTasks", json.dumps(page).encode()))["ScrollToken"]):
        answered(gateway, signed("ProcessMediaByMPS", json.dumps(asked).encode()))
    parts: list[Any] = json.loads(base64.urlsafe_b64decode(token))
    for place, value in changes:
        parts[place] = value
    text = "[" * 100_000 if deep and changes else json.dumps(parts)
    page["ScrollToken"] = base64.urlsafe_b64encode(text.encode()).decode()
    answered(gateway, signed("DescribeTasks", json.dumps(page).encode()))


@QUICK
@given(st.data())
def test_any_unsigned_form_gets_an_answer(gateway: Gateway, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(BUILT))
    names = st.sampled_from([*SPEC.fields(f"{action}Request"), "A"]) | LATIN
    pairs = data.draw(st.lists(st.tuples(names, st.text(max_size=8) | LATIN), max_size=5))
    query = "&".join(
        f"{quote(name, errors='ignore')}={quote(value, errors='ignore')}" for name, value in pairs
    )
    headers = {
        "Host": HOST,
        "X-TC-Action": action,
        "X-TC-Version": SPEC.version,
        "X-TC-Timestamp": str(NOW),
        "Authorization": "SKIP",
    }
    answered(gateway, RawRequest("GET", f"/?{query}", tuple(headers.items()), b""))
