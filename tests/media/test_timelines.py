"""Timecode against counting, and each format read back: every boundary must be the frame that it was."""

import json
import math
import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.media import timelines
from openvod.media.timecode import Rate, rate_of
from openvod.media.timelines import Span, Timeline, phase

RATES = [
    Rate(Fraction(24000, 1001)),
    Rate(Fraction(24)),
    Rate(Fraction(25)),
    Rate(Fraction(30000, 1001)),
    Rate(Fraction(30000, 1001), drops=True),
    Rate(Fraction(30)),
    Rate(Fraction(50)),
    Rate(Fraction(60000, 1001)),
    Rate(Fraction(60000, 1001), drops=True),
    Rate(Fraction(60)),
    Rate(Fraction(120)),
]
DROPPING = [rate for rate in RATES if rate.drops]
any_rate = st.sampled_from(RATES)


def counted(rate, frames):
    """Timecode by its definition: number after number, leaving out the first ones of each minute but every tenth."""
    hours = minutes = seconds = frame = 0
    for _ in range(frames):
        yield f"{hours:02}:{minutes:02}:{seconds:02}{';' if rate.drops else ':'}{frame:02}"
        frame += 1
        if frame == rate.nominal:
            frame, seconds = 0, seconds + 1
            if seconds == 60:
                seconds, minutes = 0, minutes + 1
                if minutes == 60:
                    minutes, hours = 0, hours + 1
                if rate.drops and minutes % 10:
                    frame = {30: 2, 60: 4}[rate.nominal]


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate.nominal < 100], ids=str)
def test_timecode_is_what_counting_gives(rate):
    for frame, text in enumerate(counted(rate, 62 * 60 * rate.nominal)):
        if frame % 7 == 0 or "00" in text[-2:] or ":00;" in text:
            assert rate.timecode(frame) == text


@given(any_rate, st.integers(0, 24 * 3600 * 23))
def test_timecode_names_its_frame(rate, frame):
    assert rate.frame_of(rate.timecode(frame)) == frame


@given(st.sampled_from(DROPPING), st.integers(0, 24 * 3600 * 29))
def test_dropping_keeps_up_with_the_clock(rate, frame):
    hours, minutes, seconds, frames = map(int, re.split("[:;]", rate.timecode(frame)))
    shown = 3600 * hours + 60 * minutes + seconds + frames / rate.nominal
    assert abs(shown - float(rate.seconds(frame))) < 0.2  # 2.6 frames in 24 hours, 2 within ten minutes


@given(any_rate, st.text(st.sampled_from("0123456789:; -"), max_size=12))
def test_only_timecode_is_read(rate, text):
    try:
        frame = rate.frame_of(text)
    except ValueError:
        return
    assert rate.timecode(frame) == text


def test_numbers_that_are_left_out_name_nothing():
    rate = rate_of(29.97)
    assert rate.frame_of("00:01:00;02") == 1800
    for text in ("00:01:00;00", "00:01:00;01", "00:01:00:02", "24:00:00;00", "00:00:00;30"):
        with pytest.raises(ValueError, match="no timecode"):
            rate.frame_of(text)
    with pytest.raises(ValueError, match="before the first"):
        rate.timecode(-1)
    assert rate.timecode(rate.frame_of("23:59:59;29") + 1) == "00:00:00;00"


@pytest.mark.parametrize(
    "measured, exact, drops",
    [
        (23.976, Fraction(24000, 1001), False),
        (23.98, Fraction(24000, 1001), False),
        (24.0, Fraction(24), False),
        (29.97, Fraction(30000, 1001), True),
        (29.97002997, Fraction(30000, 1001), True),
        (30.0, Fraction(30), False),
        (59.94, Fraction(60000, 1001), True),
        (24.9998, Fraction(25), False),
        (17.3, Fraction(173, 10), False),
    ],
)
def test_a_measured_rate_is_the_known_one(measured, exact, drops):
    assert rate_of(measured) == Rate(exact, drops)
    assert rate_of(measured, drops=False) == Rate(exact)


def test_no_rates():
    for measured in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="no rate"):
            rate_of(measured)
    with pytest.raises(ValueError, match="drops no numbers"):
        rate_of(25, drops=True)


texts = st.text(max_size=40)


@st.composite
def lines(draw, steady=True):
    """A timeline with spans at frames, whose times are rounded to milliseconds as tasks tell them; and those frames."""
    rate = draw(any_rate)
    edges = draw(st.lists(st.integers(0, 20 * 3600 * 24), min_size=2, max_size=12, unique=True).map(sorted))
    pairs = list(pairwise(edges))[:: draw(st.integers(1, 2))]
    spans = tuple(
        Span(*(round(float(rate.seconds(frame)), 3) for frame in pair), draw(texts), draw(texts))
        for pair in pairs
    )
    name, source, sound = draw(texts), draw(texts), draw(st.booleans())
    made = Timeline(
        name, source, rate, float(rate.seconds(edges[-1])), spans, has_sound=sound, is_steady=steady
    )
    return made, pairs


@given(lines())
def test_edl_read_back(made):
    timeline, pairs = made
    text = timelines.edl(timeline)
    rate = timeline.rate
    head, *rows = text.split("\r\n")
    assert head.startswith("TITLE: ")
    assert rows[0] == f"FCM: {'DROP' if rate.drops else 'NON-DROP'} FRAME"
    events = [row for row in rows if re.match(r"\d{3}  AX ", row)]
    record = 0
    for number, ((first, end), row) in enumerate(zip(pairs, events, strict=True), 1):
        fields = row.split()
        assert fields[:4] == [f"{number:03}", "AX", "AA/V" if timeline.has_sound else "V", "C"]
        codes = [rate.frame_of(code) for code in fields[4:]]
        assert codes == [first, end, record, record + end - first]
        record += end - first
    assert all(row[:1] in ("", "*") or row in events for row in rows[1:])


@given(lines())
def test_chapters_begin_in_their_frame(made):
    timeline, pairs = made
    text = timelines.chapters(timeline)
    assert text.startswith("WEBVTT\n\n")
    found = re.findall(r"(?m)^(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})$", text)
    for pair, numbers in zip(pairs, found, strict=True):
        for frame, (hours, minutes, seconds, thousandths) in zip(
            pair, (numbers[:4], numbers[4:]), strict=True
        ):
            time = Fraction(int(hours) * 3600 + int(minutes) * 60 + int(seconds)) + Fraction(
                int(thousandths), 1000
            )
            late = time - timeline.rate.seconds(frame)
            assert Fraction(-1, 90_000) <= late <= Fraction(1, 1000)
    assert text.count("-->") == len(pairs)
    assert len(re.split(r"\n\n", text.strip())) == len(pairs) + 1


@given(lines())
def test_ffmetadata_counts_frames(made):
    timeline, pairs = made
    text = timelines.ffmetadata(timeline)
    starts = [int(number) for number in re.findall(r"(?m)^START=(\d+)$", text)]
    ends = [int(number) for number in re.findall(r"(?m)^END=(\d+)$", text)]
    assert list(zip(starts, ends, strict=True)) == pairs
    exact = timeline.rate.exact
    assert set(re.findall(r"(?m)^TIMEBASE=(.*)$", text)) == {f"{exact.denominator}/{exact.numerator}"}
    for line in text.splitlines()[1:]:
        assert re.fullmatch(r"\[CHAPTER\]|\w+=(?:[^=;#\\]|\\.)*", line), line


@given(lines())
def test_otio_read_back(made):
    timeline, pairs = made
    document = json.loads(timelines.otio(timeline))
    tracks = document["tracks"]["children"]
    assert [track["kind"] for track in tracks] == ["Video", "Audio"][: 1 + timeline.has_sound]
    for track in tracks:
        for (first, end), clip in zip(pairs, track["children"], strict=True):
            part = clip["source_range"]
            assert (part["start_time"]["value"], part["duration"]["value"]) == (first, end - first)
            assert part["start_time"]["rate"] == float(timeline.rate.exact)
            whole = clip["media_references"]["DEFAULT_MEDIA"]["available_range"]
            assert whole["duration"]["value"] >= end


ITEM = {"name", "metadata", "source_range", "effects", "markers", "enabled", "color"}
SCHEMA = {
    "Timeline.1": {"name", "metadata", "global_start_time", "tracks"},
    "Stack.1": ITEM | {"children"},
    "Track.1": ITEM | {"children", "kind"},
    "Clip.2": ITEM | {"media_references", "active_media_reference_key"},
    "ExternalReference.1": {"name", "metadata", "available_range", "available_image_bounds", "target_url"},
    "TimeRange.1": {"start_time", "duration"},
    "RationalTime.1": {"rate", "value"},
}
"""What OpenTimelineIO 0.18 writes for the same."""


@given(lines())
def test_otio_has_the_fields_of_its_schema(made):
    def check(value):
        if isinstance(value, list):
            for each in value:
                check(each)
        if isinstance(value, dict):
            if kind := value.get("OTIO_SCHEMA"):
                assert set(value) - {"OTIO_SCHEMA"} == SCHEMA[kind]
            for each in value.values():
                check(each)

    document = json.loads(timelines.otio(made[0]))
    assert document["OTIO_SCHEMA"] == "Timeline.1"
    check(document)


def test_uneven_frames_keep_their_times():
    made = Timeline("film", "a.mp4", rate_of(17.3), 60.0, (Span(1.2345, 2.5, "a"),), is_steady=False)
    assert "START=1234500\nEND=2500000" in timelines.ffmetadata(made)
    assert "00:00:01.235 --> 00:00:02.500" in timelines.chapters(made)
    clip = json.loads(timelines.otio(made))["tracks"]["children"][0]["children"][0]
    start = clip["source_range"]["start_time"]
    assert start["value"] / start["rate"] == pytest.approx(1.2345, abs=1e-6)
    assert "00:00:01:04 00:00:02:09 00:00:00:00 00:00:01:05" in timelines.edl(made)


def test_limits_of_an_edl():
    spans = tuple(Span(float(number), number + 1.0) for number in range(1000))
    with pytest.raises(ValueError, match="999"):
        timelines.edl(Timeline("film", "a.mp4", rate_of(25), 1000, spans))
    with pytest.raises(ValueError, match="24 hours"):
        timelines.edl(Timeline("film", "a.mp4", rate_of(25), 1e6, (Span(86_000, 86_401),)))


@given(any_rate, st.integers(0, 30), st.lists(st.integers(0, 200_000), min_size=1, max_size=9))
def test_the_phase_of_a_late_first_frame_is_found(rate, late, frames):
    """Sound of recordings begins some milliseconds before their picture."""
    first = late / 31 / rate.exact
    found = phase([round(float(first + rate.seconds(frame)), 4) for frame in frames], rate)
    if 0.06 < late / 31 < 0.94:
        assert abs(found - first) < Fraction(1, 5000)
    for frame in frames:
        time = Fraction(float(first + rate.seconds(frame)))
        assert rate.frame_at(time - found) in (frame, frame + (late / 31 > 0.94))


def test_times_that_are_not_those_of_frames_have_no_phase():
    assert phase([0.01, 0.55, 1.3], rate_of(25)) == 0
    assert phase([], rate_of(25)) == 0
