from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from openvod.store import templates
from openvod.store.templates import TooManyTemplates

KIND = "SmartErase"


@pytest.fixture
def app(store):
    return store.accounts.create_sub_app(1, "one").id


def test_what_goes_in_comes_out(store, app):
    made = store.templates.add(app, KIND, "名", "c", {"EraseType": "privacy", "List": []})
    assert store.templates.get(app, KIND, 30001) == made
    assert (made.definition, made.type, made.name, made.comment) == (30001, KIND, "名", "c")
    assert made.parameters == {"EraseType": "privacy", "List": []}
    assert 0 <= made.updated - made.created <= 5  # milliseconds: the database's clock is read for each


def test_numbers_count_up_per_application_over_all_types_and_are_never_used_again(store, app):
    other = store.accounts.create_sub_app(2, "other").id
    first = [store.templates.add(app, kind, "", "", {}).definition for kind in (KIND, "AIAnalysis", KIND)]
    assert first == [30001, 30002, 30003]
    assert store.templates.add(other, KIND, "", "", {}).definition == 30001
    assert store.templates.delete(app, KIND, 30003)
    assert store.templates.add(app, KIND, "", "", {}).definition == 30004
    assert [one.definition for one in store.templates.list(app, KIND)] == [30001, 30004]


def test_type_number_and_application_must_all_fit(store, app):
    other = store.accounts.create_sub_app(2, "other").id
    store.templates.add(app, KIND, "", "", {})
    for sub_app, kind, number in (
        (app, "AIAnalysis", 30001),
        (other, KIND, 30001),
        (app, KIND, 30002),
        (app, KIND, 2**62),
        (app, KIND, -(2**63)),
        (app, KIND, 0),
    ):
        assert store.templates.get(sub_app, kind, number) is None
        assert not store.templates.modify(sub_app, kind, number, lambda old: old)
        assert not store.templates.delete(sub_app, kind, number)
    assert store.templates.get(app, KIND, 30001) is not None
    with pytest.raises(LookupError):
        store.templates.add(404, KIND, "", "", {})


def test_parallel_additions_stop_exactly_at_the_limit(store, app, monkeypatch):
    monkeypatch.setattr(templates, "MOST", 5)

    def add(_):
        try:
            return store.templates.add(app, KIND, "", "", {}).definition
        except TooManyTemplates:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [number for number in pool.map(add, range(16)) if number is not None]
    assert len(made) == len(set(made)) == 5
    assert store.templates.add(app, "AIAnalysis", "", "", {})  # counted by type
    assert store.templates.delete(app, KIND, made[0])
    assert add(0)


def test_changes_of_one_template_happen_one_after_the_other(store, app):
    number = store.templates.add(app, KIND, "n", "", {"count": 0}).definition

    def count(old):
        return replace(old, parameters={"count": old.parameters["count"] + 1})

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: store.templates.modify(app, KIND, number, count), range(20)))
    got = store.templates.get(app, KIND, number)
    assert got.parameters == {"count": 20}
    assert got.updated >= got.created


def test_a_change_that_raises_changes_nothing(store, app):
    number = store.templates.add(app, KIND, "n", "", {}).definition

    def refuse(old):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.templates.modify(app, KIND, number, refuse)
    assert store.templates.get(app, KIND, number).name == "n"
