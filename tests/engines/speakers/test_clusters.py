"""How many voices: found by itself over made-up prints, in the noise of one voice, with little speech, in long files."""

import numpy as np
import pytest

from openvod.engines.speakers import clusters
from openvod.engines.speakers.clusters import Rules, Voice, groups, united, voices
from tests.engines.speakers.voices import Floats, directions, said


def prints(counts: list[int], noise: float = 0.04) -> tuple[Floats, list[int]]:
    """Prints of so many windows by each voice, shuffled; and whose each is."""
    known = directions(len(counts))
    labels = [who for who, count in enumerate(counts) for _ in range(count)]
    order = np.random.default_rng(7).permutation(len(labels))
    rows = [(0.0, 1.6, labels[i]) for i in order]
    return said(known, rows, noise).voices, [labels[i] for i in order]


@pytest.mark.parametrize("counts", [[40], [30, 40], [30, 20, 40], [25, 25, 25, 25], [300, 400, 500]])
def test_the_number_of_speakers_is_found(counts: list[int]) -> None:
    seen, _ = prints(counts)
    found = voices(seen, np.full(len(seen), 0.4), Rules())
    assert len(found) == len(counts)
    known = directions(len(counts))
    for voice in found:
        assert max(float(voice.direction @ each) for each in known) > 0.9


def test_who_says_little_is_no_speaker_and_who_speaks_most_comes_first() -> None:
    seen, _ = prints([20, 60, 3])
    found = voices(seen, np.full(len(seen), 0.4), Rules())
    assert [round(voice.seconds) for voice in found] == [24, 8]


def test_a_little_speech_alone_is_one_speaker() -> None:
    seen, _ = prints([2])
    assert len(voices(seen, np.full(2, 0.4), Rules())) == 1
    assert voices(seen[:0], np.zeros(0), Rules()) == []


def test_voices_are_put_together_until_as_many_are_left_as_were_told() -> None:
    seen, _ = prints([40, 50, 60])
    for told in (1, 2, 3):
        found = voices(seen, np.full(len(seen), 0.4), Rules(), told)
        assert len(found) == told
        assert sum(voice.seconds for voice in found) == pytest.approx(60.0)
    assert len(voices(seen, np.full(len(seen), 0.4), Rules(), 9)) == 3


def test_groups_hold_every_print_once_and_no_strangers() -> None:
    seen, labels = prints([20, 30])
    found = groups(seen, 0.6)
    assert sorted(i for group in found for i in group) == list(range(50))
    assert all(len({labels[i] for i in group}) == 1 for group in found)


def test_the_most_alike_are_united_first() -> None:
    row = np.zeros((3, 256), np.float32)
    row[0, 0] = 1
    row[1, :2] = 0.95, np.sqrt(1 - 0.95**2)
    row[2, :2] = 0.7, np.sqrt(1 - 0.7**2)
    found = united([Voice(each, 2.0) for each in row], 0.94)
    assert sorted(voice.seconds for voice in found) == [2.0, 4.0]
    assert len(united([Voice(each, 2.0) for each in row], 0.99)) == 3


def test_only_a_block_of_prints_is_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    whole = groups

    def watched(block: Floats, near: float) -> list[list[int]]:
        sizes.append(len(block))
        return whole(block, near)

    monkeypatch.setattr(clusters, "groups", watched)
    seen, _ = prints([700, 500])
    assert len(voices(seen, np.full(len(seen), 0.4), Rules(block=200))) == 2
    assert sizes == [200] * 6
