"""Rates as token buckets: a second's calls at once, then evenly, each account and action by itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.errors import ApiError
from openvod.edge.rates import VENDOR, Rates


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def passes(rates: Rates, account: int = 1, action: str = "A") -> bool:
    try:
        rates.take(account, action)
    except ApiError as error:
        return error.code != "RequestLimitExceeded"
    return True


def test_a_burst_then_evenly() -> None:
    clock = Clock()
    rates = Rates({"A": 20}, clock)
    assert [passes(rates) for _ in range(25)] == [True] * 20 + [False] * 5
    clock.now += 0.05
    assert [passes(rates) for _ in range(2)] == [True, False]
    clock.now += 0.5
    assert [passes(rates) for _ in range(12)] == [True] * 10 + [False] * 2
    clock.now += 3600
    assert [passes(rates) for _ in range(22)] == [True] * 20 + [False] * 2


def test_accounts_and_actions_do_not_disturb_each_other() -> None:
    rates = Rates({"A": 1, "B": 1}, Clock())
    assert passes(rates)
    assert not passes(rates)
    assert passes(rates, account=2)
    assert passes(rates, action="B")
    assert all(passes(rates, action="unlimited") for _ in range(1000))


def test_parallel_calls_pass_exactly_as_often_as_allowed() -> None:
    rates = Rates({"A": 50}, Clock())
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: passes(rates), range(500))) == 50


@given(st.integers(1, 200), st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_the_rate(limit: int, pauses: list[float]) -> None:
    clock = Clock()
    rates = Rates({"A": limit}, clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if passes(rates):
            passed.append(clock.now)
    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= limit + (passed[last] - begin) * limit + 0.01


def test_the_vendor_s_rates_are_of_actions_that_exist() -> None:
    assert VENDOR.keys() <= spec.load().offered | spec.load("mps").offered
    assert VENDOR["ProcessMediaByMPS"] == 20


def test_the_message_names_the_limit() -> None:
    rates = Rates({"A": 1}, Clock())
    passes(rates)
    with pytest.raises(ApiError, match="1 per second"):
        rates.take(1, "A")
