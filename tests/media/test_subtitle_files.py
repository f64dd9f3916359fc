"""Subtitle files with other words: what is read agrees with `captions`, what is not touched stays byte for byte."""

from collections.abc import Sequence
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvod.media import captions, subtitle_files
from openvod.media.subtitle_markup import dressed, parted

WORD = st.sampled_from(
    ["Hello", "you", "a & b", "5 < 6", "你好", "世界", "C'est", "{odd", "-->"[:1], "42x", "naïve"]
)
TAGS = {
    "srt": ["<i>", "</i>", "<b>", "</b>", '<font color="red">', "</font>", "{\\an8}"],
    "vtt": ["<i>", "</i>", "<c.loud>", "</c>", "<v Bob>", "</v>", "<00:01.500>", "&amp;"],
    "ass": ["{\\an8}", "{\\i1}", "{\\i0}", "{\\pos(1,2)}", "{a note}", "\\N", "\\h"],
}


@st.composite
def files(draw: st.DrawFn, form: str) -> str:
    """A file of a format, with cues of words and tags in any order."""
    piece = WORD | st.sampled_from(TAGS[form])
    texts = draw(
        st.lists(
            st.lists(st.lists(piece, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=3),
            max_size=6,
        )
    )
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    rows: list[str] = {"srt": [], "vtt": ["WEBVTT", ""], "ass": ["[Events]"]}[form]
    for number, lines in enumerate(texts):
        if form == "ass":
            rows.append(
                f"Dialogue: 0,0:00:0{number}.00,0:00:0{number}.90,Default,,0,0,0,," + "\\N".join(lines)
            )
        else:
            point = "," if form == "srt" else "."
            rows += [
                str(number + 1),
                f"00:00:0{number}{point}000 --> 00:00:0{number}{point}900 x:1",
                *lines,
                "",
            ]
    if form == "srt" and not texts:
        rows = ["1", "00:00:00,000 --> 00:00:01,000", "x", ""]
    return newline.join(rows)


def spaced(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_read_agrees_with_captions(form: str, data: st.DataObject) -> None:
    raw = data.draw(files(form)).encode()
    file = subtitle_files.read(raw)
    entries = sorted(file.entries, key=lambda entry: entry.start)
    cues = captions.parse(raw).cues
    assert file.format == form
    assert [(entry.start, entry.end) for entry in entries] == [(cue.start, cue.end) for cue in cues]
    assert [list(entry.marked.lines) for entry in entries] == [spaced(cue.lines) for cue in cues]
    assert [entry.speaker for entry in entries] == [cue.speaker for cue in cues]


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
@settings(max_examples=40)
@given(data=st.data())
def test_untouched_files_stay_as_they_are_and_touched_cues_read_as_written(
    form: str, data: st.DataObject
) -> None:
    raw = data.draw(files(form)).encode()
    file = subtitle_files.read(raw)
    assert subtitle_files.rewritten(file, [None] * len(file.entries)) == raw
    new = [("die neue Welt", "行 & <b>") if number % 2 else ("x",) for number, _ in enumerate(file.entries)]
    again = subtitle_files.read(subtitle_files.rewritten(file, new))
    plain = [
        ("die neue Welt", "行 & " if form == "srt" else "行 & <b>") if len(lines) > 1 else lines
        for lines in new
    ]
    assert [entry.marked.lines for entry in again.entries] == [tuple(spaced(lines)) for lines in plain]
    assert [entry.start for entry in again.entries] == [entry.start for entry in file.entries]
    for before, after, lines in zip(file.entries, again.entries, new, strict=True):
        tags = [
            tag.text
            for tag in after.marked.tags
            if not (form == "srt" and tag.text == "<b>" and len(lines) > 1)
        ]
        kept = [
            tag.text
            for tag in before.marked.tags
            if not (form == "srt" and tag.text == "<b>" and len(lines) > 1)
        ]
        assert tags == kept


@pytest.mark.parametrize(
    ("form", "old", "lines", "new"),
    [
        ("srt", "{\\an8}<i>All of it.</i>", ["Alles davon."], "{\\an8}<i>Alles davon.</i>"),
        ("srt", "It is <b>very</b> big", ["Es ist sehr", "groß"], "Es ist <b>sehr</b>\ngroß"),
        ("srt", "<i>Hello</i> world", ["你好世界"], "<i>你好</i>世界"),
        ("vtt", "<v Bob>A &amp; B</v>", ["1 < 2"], "<v Bob>1 &lt; 2</v>"),
        (
            "ass",
            "{\\pos(1,2)\\i1}Two\\Nlines{\\i0}",
            ["Zwei", "Zeilen"],
            "{\\pos(1,2)\\i1}Zwei\\NZeilen{\\i0}",
        ),
        ("ass", "Text", ["{\\b1}no\\Nmarkup"], "(/b1)no/Nmarkup"),
    ],
)
def test_words_are_dressed_as_the_old_ones_were(form: str, old: str, lines: list[str], new: str) -> None:
    assert dressed(lines, parted(old, form), form) == new  # type: ignore[arg-type]


def test_below_the_old_words_nothing_is_said_twice_for_the_cue() -> None:
    marked = parted("{\\an8}<i>Hello <00:01.000></i>", "srt")
    assert dressed(["Hallo"], marked, "srt", again=True) == "<i>Hallo</i>"
    assert dressed(["Hallo"], parted("{\\pos(1,2)}Hello", "ass"), "ass", again=True) == "Hallo"


def test_drawings_notes_and_headers_are_no_cues() -> None:
    raw = (
        "[Script Info]\nTitle: Hello\n[Events]\nFormat: Start, End, Text\n"
        "Comment: 0:00:00.00,0:00:01.00,no\nDialogue: 0:00:01.00,0:00:02.00,{\\p1}m 0 0 l 9 9{\\p0}\n"
        "Dialogue: 0:00:02.00,0:00:03.00,One, two\nDialogue: broken\n"
    )
    (entry,) = subtitle_files.read(raw.encode()).entries
    assert (entry.start, entry.marked.lines, entry.head) == (
        2.0,
        ("One, two",),
        "Dialogue: 0:00:02.00,0:00:03.00,",
    )


def test_old_encodings_become_utf_8() -> None:
    raw = "1\n00:00:01,000 --> 00:00:02,000\n你好,世界。今天我们看电影,好不好?\n".encode("gb18030")
    file = subtitle_files.read(raw)
    assert subtitle_files.rewritten(file, [("再见",)]).decode().endswith("\n再见\n")


def test_what_is_no_subtitle_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="not a subtitle file"):
        subtitle_files.read(b"hello")
    monkeypatch.setattr(subtitle_files, "MOST_CUES", 1)
    with pytest.raises(subtitle_files.TooManyCues):
        subtitle_files.read(b"WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:03.000 --> 00:04.000\nb\n")


@pytest.mark.parametrize("hostile", ["<", "{", "<i", "{\\p", "&#", "<v ", "</", "{\\an8}", "<i>", "\\N"])
@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_hostile_text_costs_linear_time(form: str, hostile: str) -> None:
    def seconds(size: int) -> float:
        text = hostile * (size // len(hostile)) + " word"
        began = process_time()
        dressed(["new words here"], parted(text, form), form)  # type: ignore[arg-type]
        return process_time() - began

    # Twenty times the text: were it quadratic, four hundred times the work; caches and a busy machine make 20 to 60 of it.
    small = min(seconds(20_000) for _ in range(3))
    assert min(seconds(400_000) for _ in range(2)) < 150 * max(small, 0.002)
