import json
from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.settings import Settings
from openvod.deliver.push import Retries, body_of

HOUR = 3600.0


def pauses(retries):
    found = []
    while (pause := retries.pause_after(len(found) + 1)) is not None:
        found.append(pause)
    return found


def test_the_pauses_as_they_are_set_by_default():
    found = pauses(Retries.of(Settings()))
    assert found[:6] == [1.0, 1.0, 1.0, 60.0, 120.0, 240.0]
    assert sum(found[3:]) == 24 * HOUR
    assert len(found) == 14


@given(
    st.integers(0, 5),
    st.floats(0, 10),
    st.floats(0.001, 1000),
    st.floats(0, 1e6),
)
def test_the_pauses_end_and_add_up(quick, quick_seconds, pause_seconds, total_seconds):
    found = pauses(Retries(quick, quick_seconds, pause_seconds, total_seconds))
    assert found[:quick] == [quick_seconds] * quick
    assert sum(found[quick:]) == pytest.approx(total_seconds)
    assert len(found) < 100


def test_a_body_is_signed_when_there_is_a_key():
    content = {
        "EventType": "FileDeleted",
        "FileDeleteEvent": {"FileIdSet": ["1"], "FileDeleteResultInfo": []},
    }
    plain = json.loads(body_of(content, "", 1000.9))
    assert plain.keys() == spec.load().fields("EventContent").keys() - {"EventHandle"}
    assert {name for name, value in plain.items() if value is not None} == content.keys()
    signed = json.loads(body_of(content, "key", 1000.9))
    assert (signed.pop("Sign"), signed.pop("T")) == (md5(b"key1600").hexdigest(), 1600)
    assert signed == plain
