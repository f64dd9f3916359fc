"""Subtitle files: what we write can be read, and what strangers write cannot hurt."""

import subprocess
import sys
import time

import pysubs2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openvod.media.captions import MAX_BYTES, Cue, parse, write_srt, write_vtt

LINE_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
LINE = st.text(LINE_CHARACTERS, min_size=1, max_size=60).map(str.strip).filter(bool)
MILLISECONDS = st.integers(0, 9_999 * 3_600_000)


NOBODY = st.none()


def cues(line=LINE, speaker=NOBODY):
    one = st.builds(
        lambda start, length, lines, name: Cue(start / 1000, (start + length) / 1000, tuple(lines), name),
        MILLISECONDS,
        st.integers(1, 10_000),
        st.lists(line, min_size=1, max_size=3),
        speaker,
    )
    return st.lists(one, max_size=6).map(lambda found: sorted(found, key=lambda cue: cue.start))


@given(cues(speaker=st.none() | LINE))
@example([Cue(0.0, 1.0, ("a --> b", "<i> & &amp; </i>", "NOTE", "1"), "R&D <x>")])
@example([Cue(0.0, 1.0, ("WEBVTT",)), Cue(0.0, 1.0, ("00:00.000 --> 00:01.000",))])
def test_vtt_comes_back_as_it_went(written):
    found = parse(write_vtt(written).encode())
    assert (found.format, list(found.cues)) == ("vtt", written)


@given(cues(line=LINE.filter(lambda line: not set(line) & set("<{>"))).filter(bool))
@example([Cue(0.0, 1.0, ("1984",)), Cue(1.0, 2.0, ("2",)), Cue(2.0, 3.0, ("a", "3"))])
def test_srt_comes_back_as_it_went(written):
    assert list(parse(write_srt(written).encode()).cues) == written


def test_files_are_as_players_expect_them():
    written = [
        Cue(0.5, 2.0, ("Fish & chips,", "3 < 4")),
        Cue(3661.25, 3662, ("Bye.",), "Ann"),
        Cue(4e3, 4001, ("",)),
    ]
    assert write_vtt(written) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nFish &amp; chips,\n3 &lt; 4\n\n"
        "01:01:01.250 --> 01:01:02.000\n<v Ann>Bye.\n"
    )
    assert write_srt(written) == (
        "1\n00:00:00,500 --> 00:00:02,000\nFish & chips,\n3 < 4\n\n2\n01:01:01,250 --> 01:01:02,000\nBye.\n"
    )
    assert (write_vtt([]), write_srt([])) == ("WEBVTT\n", "")
    assert parse(b"WEBVTT\n").cues == ()


@pytest.mark.parametrize("write, format_", [(write_srt, "srt"), (write_vtt, "vtt")])
def test_another_reader_finds_the_same(write, format_):
    written = [Cue(1.001, 2.5, ("One.", "Two?")), Cue(3600.0, 3601.999, ("Ü 你好",))]
    read = pysubs2.SSAFile.from_string(write(written), format_=format_)
    assert [(event.start, event.end, event.plaintext) for event in read] == [
        (1001, 2500, "One.\nTwo?"),
        (3600000, 3601999, "Ü 你好"),
    ]


def test_text_cannot_break_a_file_open():
    wicked = Cue(
        0.0, 1.0, ("one\n\n2\n00:00:05,000 --> 00:00:06,000\ntwo", "\r\n", "three\x00\x1b"), "A\n\nB"
    )
    for write in (write_srt, write_vtt):
        [cue] = parse(write([wicked]).encode()).cues
        assert (cue.start, cue.end, cue.lines[0], cue.lines[-1]) == (0.0, 1.0, "one", "three")


@pytest.mark.parametrize("write", [write_srt, write_vtt])
def test_times_are_made_writable_or_refused(write):
    [cue] = parse(write([Cue(-3.0, -1.0, ("early",))]).encode()).cues
    assert 0 == cue.start < cue.end
    for bad in (float("nan"), float("inf"), 3.6e7, 1e300):
        with pytest.raises(ValueError):
            write([Cue(0.0, bad, ("late",))])


SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello,\nworld.\n\n2\n00:00:03,000 --> 00:00:04,000\nBye.\n"
HELLO = [Cue(1.0, 2.5, ("Hello,", "world.")), Cue(3.0, 4.0, ("Bye.",))]


@pytest.mark.parametrize(
    "text",
    [
        SRT,
        "\n\n" + SRT,
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n", "\r"),
        SRT.replace(",000", ".000").replace("00:00:0", "0:00:0"),
        SRT.replace("1\n00", "00").replace("2\n00", "00"),  # no numbers
        SRT.replace("world.\n\n2", "\nworld.\n2"),  # blank line inside a cue, none after it
        SRT.replace("Hello", "{\\an8}<i>Hello</i>").replace("Bye.", '<font color="red">Bye.</font>'),
        SRT.replace("02,500", "02,500  X1:10 X2:20 Y1:30 Y2:40"),
        SRT + "\n3\n00:00:05,000 --> 00:00:06,000\n\n",  # a cue without text
    ],
)
def test_srt_as_it_is_found(text):
    assert parse(text.encode()).format == "srt"
    assert list(parse(text.encode()).cues) == HELLO


def test_srt_keeps_what_only_looks_like_markup():
    [cue] = parse(b"1\n00:00:01,000 --> 00:00:02,000\nI <3 it {a} & 2 < 3 > 1 &amp;\n").cues
    assert cue.lines == ("I <3 it {a} & 2 < 3 > 1 &amp;",)


def test_vtt_as_it_is_found():
    text = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE
a note
of two lines

intro-7
00:01.000 --> 00:02.500 align:start position:10%
<v.loud Ann O&apos;Neil><c.yellow>Hello</c>, <00:00:02.000>world &lt;3 &amp; more</v>
NOTE is text here

00:00:00.500 --> 00:00:00.900
<v A>One</v> <v B>two</v>

00:00:05.000 --> 00:00:06.000
"""
    found = parse(text.encode())
    assert found.format == "vtt"
    assert found.cues == (
        Cue(0.5, 0.9, ("One two",)),
        Cue(1.0, 2.5, ("Hello, world <3 & more", "NOTE is text here"), "Ann O'Neil"),
    )


ASS = r"""[Script Info]
; comment
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, PrimaryColour
Style: Default,Arial,not a colour

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Bye.
Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,{\an8\i1}Hello, you{a remark},\N\hworld.
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\p1}m 0 0 l 100 0{\p0}
Dialogue: 0,not a time,0:00:02.50,Default,,0,0,0,,lost
Dialogue: 0,0:00:01.00
"""


def test_ass_as_it_is_found():
    expected = (Cue(1.0, 2.5, ("Hello, you,", "world."), "Ann"), Cue(3.0, 4.0, ("Bye.",)))
    assert parse(ASS.encode()).cues == expected
    assert parse(ASS.encode()).format == "ass"
    old = ASS.replace("V4+", "V4").replace("Layer", "Marked").replace("Dialogue: 0", "Dialogue: Marked=0")
    assert parse(old.encode()).cues == expected
    reordered = "[Script Info]\n[Events]\nFormat: End, Start, Text\nDialogue: 0:00:04.00,0:00:03.00,Bye."
    assert parse(reordered.encode()).cues == expected[1:]


def test_odd_times_are_read_soberly():
    text = "1\n-00:00:01,000 --> 00:00:02,000\nearly\n\n2\n00:00:09,000 --> 00:00:08,000\nbackwards\n"
    assert parse(text.encode()).cues == (Cue(0.0, 2.0, ("early",)), Cue(9.0, 9.0, ("backwards",)))


FRENCH = SRT.replace("Hello,", "Où était-ce, déjà ?").replace("Bye.", "« Ça va… »")
CHINESE = SRT.replace("Hello,", "大家好,欢迎来到今天的课程").replace("Bye.", "我们下次再见。")


@pytest.mark.parametrize(
    "text, encoding, told",
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8"),
        (CHINESE, "gbk", "gb18030"),
        (FRENCH, "cp1252", "cp1252"),
        (SRT, "utf-16-le", "utf-16-le"),
        (SRT, "utf-16-be", "utf-16-be"),
        ("\ufeff" + CHINESE, "utf-16-le", "utf-16-le"),
        ("\ufeff" + CHINESE, "utf-16-be", "utf-16-be"),
        ("\ufeff" + CHINESE, "utf-32-le", "utf-32-le"),
    ],
)
def test_encodings_that_can_be_told(text, encoding, told):
    found = parse(text.encode(encoding))
    assert found.encoding == told
    assert found.cues == parse(text.encode()).cues


@pytest.mark.parametrize(
    "words, encoding",
    [
        ("Привет, как дела? Всё хорошо, спасибо.", "cp1251"),
        ("Привет, как дела? Всё хорошо, спасибо.", "koi8-r"),
        ("안녕하세요 반갑습니다 오늘은 날씨가 좋네요", "euc-kr"),
        ("こんにちは、今日はとても良い天気ですね", "shift-jis"),
        ("大家好,歡迎來到今天的課程,我們開始吧", "big5"),
        ("Łatwo powiedzieć, trudniej zrobić, pamiętaj o tym", "cp1250"),
    ],
)
def test_encodings_that_cannot_be_told_are_refused(words, encoding):
    with pytest.raises(ValueError, match="UTF-8"):
        parse(SRT.replace("Hello,", words).encode(encoding))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\t\n",
        b"\xef\xbb\xbf",
        b"hello world\n",
        b"1\n2\n3\n",
        b"<!doctype html><html><body>00:00:01,000 --> 00:00:02,000</body></html>",
        b'{"cues": []}',
        b"WEBVTTX\n\n00:01.000 --> 00:02.000\nno\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\0\0\0\x18ftypmp42",
        b"\xff\xfe\x00\xd8",
        b"1\n99999:00:00,000 --> 99999:00:01,000\nno\n",
        bytes(range(256)) * 8,
        b"WEBVTT\n\0\n",
    ],
)
def test_what_is_no_subtitle_file_is_refused(data):
    with pytest.raises(ValueError):
        parse(data)


def test_a_huge_file_is_refused():
    with pytest.raises(ValueError, match="20 MB"):
        parse(b"WEBVTT\n" + bytes(MAX_BYTES))


PREFIX = st.sampled_from(
    [b"", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n", ASS.encode()]
)
SCRAP = st.sampled_from(
    [
        b"<",
        b">",
        b"{",
        b"}",
        b"\\p1",
        b"&#",
        b"&#x110000;",
        b"&#0;",
        b"-->",
        b"\n",
        b"00:00:01.000",
        b"<v ",
        b"[",
        b",",
    ]
)


@given(PREFIX, st.lists(SCRAP | st.binary(max_size=8)).map(b"".join))
def test_hostile_bytes_are_read_or_refused(prefix, noise):
    try:
        found = parse(prefix + noise)
    except ValueError:
        return
    for cue in found.cues:
        assert 0 <= cue.start <= cue.end < 3.6e8
        assert cue.lines
        assert all(line == line.strip() and "\n" not in line for line in cue.lines)
    assert [cue.lines for cue in parse(write_vtt(found.cues).encode()).cues] == [
        cue.lines for cue in found.cues
    ]


@pytest.mark.parametrize(
    "bomb",
    [
        "<",
        "<a ",
        "<v",
        "<v ",
        "{",
        "{\\",
        "{}",
        "\n",
        "[a",
        "&",
        "&#1",
        " ",
        "1:",
        "0",
        "\n1",
        "-->",
        "-->\n",
        "“",
        "<i ",
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v",
        "1\n00:00:01,000 --> 00:00:02,000\n",
        "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,",
        "[Script Info]\n",
    ],
)
def test_no_input_takes_more_than_linear_time(head, bomb):
    data = (head + bomb * (400_000 // len(bomb))).encode()
    begin = time.process_time()
    parse(data)
    assert (
        time.process_time() - begin < 3
    )  # quadratic time would be hours; linear time is a tenth of a second


def test_importing_it_is_light():
    code = "import sys, openvod.media.captions; print(sorted({'pysubs2', 'numpy', 'av'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
