"""Requests that wait for events: woken as answers are there, and never handed an answer when nobody listens."""

import asyncio
import logging
from collections.abc import Collection, Mapping

import pytest

from openvod.edge.waiting import Waiting, Waits


async def listening() -> dict[str, str]:
    """A client that stays."""
    return await asyncio.get_running_loop().create_future()


async def left() -> dict[str, str]:
    """A client that went away."""
    return {"type": "http.disconnect"}


def test_a_client_that_left_gets_no_events() -> None:
    asked = []

    async def run() -> bytes | None:
        return await Waits(lambda _: {1: 1}).answer(
            Waiting(1, 5, lambda last: asked.append(last) or b""), left
        )

    assert asyncio.run(run()) is None
    assert asked == []


def test_without_events_the_last_word_is_asked_for_at_the_end() -> None:
    asked = []

    def again(last: bool) -> bytes | None:
        asked.append(last)
        return b"none" if last else None

    assert asyncio.run(Waits(lambda _: {}).answer(Waiting(1, 0.05, again), listening)) == b"none"
    assert asked == [True]


def test_as_many_are_woken_as_there_are_answers_first_come_first_served() -> None:
    events = {1: 17, 2: 0}
    looks: list[list[int]] = []

    def due(apps: Collection[int]) -> Mapping[int, int]:
        looks.append(sorted(apps))
        return {app: count for app, count in events.items() if count}

    async def run() -> list[bytes | None]:
        waits = Waits(due)

        def waiting(name: str, app: int) -> Waiting:
            def again(last: bool) -> bytes:
                events[app] = max(events[app] - 16, 0)
                return f"{name} {last}".encode()

            return Waiting(app, 1.0, again)

        asked = [
            waits.answer(waiting(name, app), listening)
            for name, app in zip("abcx", (1, 1, 1, 2), strict=True)
        ]
        return await asyncio.gather(*asked)

    assert asyncio.run(run()) == [b"a False", b"b False", b"c True", b"x True"]
    assert looks[0] == [1, 2]


def test_a_look_that_fails_is_logged_and_the_wait_ends_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    def due(_: Collection[int]) -> Mapping[int, int]:
        raise OSError("the database is away")

    with caplog.at_level(logging.ERROR):
        answer = asyncio.run(
            Waits(due).answer(Waiting(1, 0.5, lambda last: b"last" if last else None), listening)
        )
    assert answer == b"last"
    assert "looking for events" in caplog.text
