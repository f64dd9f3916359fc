"""After a line is corrected: how much quicker is the translated file there than the first time, and the burnt-in video?

A running server, a ten-minute film, and a chat endpoint that takes `LINE_SECONDS` for each line it translates. The
first run recognises and translates; then one cue is corrected, put back, and translated again. The recognised cues are also
burnt in (what was recognised is remembered, so burning in is all there is to do), and after the correction once more.
"""

import argparse
import base64
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stand_in import Answer, Call, rows_asked, standing_in, translator

from benchmarks import trees
from benchmarks.calls import FILE_ID, KEY, SUB_APP, running
from benchmarks.film import MINUTES, call, clip
from benchmarks.footprint import ready

LINE_SECONDS = 0.05
"""A quick endpoint writes about 300 words a second at best; a line has a dozen."""
TARGET = "zh"
CORRECTED = "corrected"
BURNT = 4
"""The preset for subtitles in the picture."""
TRANSLATED = {"SubtitleType": 1, "TranslateSwitch": "ON", "TranslateDstLanguage": TARGET}
BURNT_IN = {"SubtitleType": 0, "SubtitleEmbedId": BURNT}


def endpoint(call_: Call) -> Answer:
    """Translates well, and as slowly as a quick one."""
    threading.Event().wait(LINE_SECONDS * len(rows_asked(call_)))
    return translator(1, [])(call_)


@contextmanager
def serving(folder: Path, chat_url: str) -> Iterator[tuple[str, int]]:
    """A server's address and process id; the film is in its library."""
    environment = {
        "OPENVOD_SECRET_ID": KEY.secret_id,
        "OPENVOD_SECRET_KEY": KEY.secret_key,
        "OPENVOD_SUB_APP_ID": str(SUB_APP),
        "OPENVOD_CHAT_URL": chat_url,
        "OPENVOD_CHAT_MODEL": "stand-in",
    }
    data = str(folder / "data")
    command = [sys.executable, "-m", "openvod", "serve", "--port", "0", "--data", data]
    film = clip(folder)
    with running(command, **environment) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[3]
        ready(url)
        upload = [sys.executable, "-m", "openvod", "upload", str(film), "--file-id", FILE_ID, "--data", data]
        with running(upload) as uploading:
            uploading.wait()
        yield url, server.pid


def finished(url: str, server: int, **asked: Any) -> dict[str, Any]:
    """Have subtitles made and wait: seconds, CPU-seconds of the tree, and what came out."""
    raw = {"VideoSrcLanguage": "en", "SubtitleFormat": "vtt", "ProcessType": 0, **asked}
    used, begun = trees.cpu_seconds(server), time.monotonic()
    task = call(
        url, "ProcessMediaByMPS", FileId=FILE_ID, SubAppId=SUB_APP, SmartSubtitlesTask={"RawParameter": raw}
    )["TaskId"]
    while (detail := call(url, "DescribeTaskDetail", TaskId=task))["Status"] != "FINISH":
        threading.Event().wait(0.05)
    rows = detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    if not all(row["Status"] == "SUCCESS" for row in rows):
        raise RuntimeError(f"a sub-task failed: {[row['Message'] for row in rows]}")
    return {
        "seconds": time.monotonic() - begun,
        "cpu_seconds": trees.cpu_seconds(server) - used,
        "output": json.loads(rows[0]["Output"]["OutputText"]),
    }


def run() -> dict[str, Any]:
    """The first runs, the runs after an edit, and how they compare."""
    with (
        tempfile.TemporaryDirectory() as name,
        standing_in(endpoint) as stand_in,
        serving(Path(name), stand_in.url) as (url, server),
    ):
        first = finished(url, server, **TRANSLATED)
        words = [row["Text"] for row in first["output"]["SegmentSet"]]
        text = _vtt(first["output"]["SegmentSet"])
        _put_back(url, text)
        finished(url, server, **TRANSLATED, ProcessType=1)
        asked = len(stand_in.calls)
        _put_back(url, text.replace(words[len(words) // 2], "This is another sentence.", 1))
        again = finished(url, server, **TRANSLATED, ProcessType=1)
        lines = sum(len(rows_asked(each)) for each in stand_in.calls[asked:])
        burnt = finished(url, server, **BURNT_IN)
        _put_back(url, _corrected(burnt["output"]["SubtitlePath"]))
        burnt_again = finished(url, server, **BURNT_IN, ExtInfo=json.dumps({"subtitle": CORRECTED}))
    return {
        "minutes": MINUTES,
        "cues": len(words),
        **_compared(first, again, lines_asked=lines),
        "burnt_in": _compared(burnt, burnt_again),
    }


def _compared(first: dict[str, Any], again: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "first": {name: first[name] for name in ("seconds", "cpu_seconds")},
        "after_an_edit": {name: again[name] for name in ("seconds", "cpu_seconds")} | more,
        "times_faster": first["seconds"] / again["seconds"],
        "times_less_cpu": first["cpu_seconds"] / max(again["cpu_seconds"], 1e-3),
    }


def _corrected(url: str) -> str:
    """The subtitle file with another text in its middle cue."""
    with urllib.request.urlopen(url) as answer:
        cues = answer.read().decode().split("\n\n")
    times, _, _ = cues[len(cues) // 2].partition("\n")
    cues[len(cues) // 2] = f"{times}\nThis is another sentence."
    return "\n\n".join(cues)


def _vtt(segments: list[dict[str, Any]]) -> str:
    """As a subtitle editor would save it."""
    from openvod.media.captions import Cue, write_vtt  # noqa: PLC0415

    return write_vtt(Cue(row["StartTimeOffset"], row["EndTimeOffset"], (row["Text"],)) for row in segments)


def _put_back(url: str, text: str) -> None:
    given = {
        "Id": CORRECTED,
        "Name": CORRECTED,
        "Language": "en",
        "Format": "vtt",
        "Content": base64.b64encode(text.encode()).decode(),
    }
    call(url, "ModifyMediaInfo", FileId=FILE_ID, SubAppId=SUB_APP, DeleteSubtitleIds=[CORRECTED])
    call(url, "ModifyMediaInfo", FileId=FILE_ID, SubAppId=SUB_APP, AddSubtitles=[given])


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.subtitle_again", description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = run()
    print(json.dumps(result, indent=2))
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
