"""The whole walk with tccli. It uploads no bytes itself, so the official COS SDK does that part."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import jiwer
import pytest

from openvod.media.captions import parse
from tests.conftest import Server
from tests.walk.conftest import cos
from tests.walk.texts import TWO_CITIES, begin_of, spoken_words

TCCLI = Path(sys.executable).with_name("tccli")
WAITER = '{"expr":"Status","to":"FINISH","timeout":120,"interval":1}'


class Tccli:
    """`tccli vod …` with a home of its own, so that no real configuration is touched."""

    def __init__(self, server: Server, home: Path) -> None:
        self._endpoint = server.url
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TENCENTCLOUD_SECRET_ID": server.secret_id,
            "TENCENTCLOUD_SECRET_KEY": server.secret_key,
            "TENCENTCLOUD_REGION": "ap-guangzhou",
        }

    def run(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        command = [TCCLI, "vod", action, "--endpoint", self._endpoint, *options]
        return subprocess.run(
            command, env=self._env, capture_output=True, text=True, timeout=150, check=False
        )

    def call(self, action: str, *options: str) -> dict[str, Any]:
        run = self.run(action, *options)
        assert run.returncode == 0, run.stderr
        answer: dict[str, Any] = json.loads(run.stdout)
        return answer


@pytest.fixture
def tccli(server: Server, tmp_path: Path) -> Tccli:
    return Tccli(server, tmp_path)


def put(server: Server, applied: dict[str, Any], file: Path) -> None:
    client = cos(server, applied)
    with file.open("rb") as body:
        client.put_object(Bucket=applied["StorageBucket"], Key=applied["MediaStoragePath"][1:], Body=body)


@pytest.mark.needs("models")
def test_upload_process_poll_read(server: Server, tccli: Tccli, talk: Path) -> None:
    app = str(server.sub_app)
    applied = tccli.call("ApplyUpload", "--SubAppId", app, "--MediaType", "mp4")
    put(server, applied, talk)
    session = applied["VodSessionKey"]
    file_id = tccli.call("CommitUpload", "--SubAppId", app, "--VodSessionKey", session)["FileId"]
    asked = ["--SubAppId", app, "--FileId", file_id, "--SmartSubtitlesTask", '{"Definition": 200}']
    task_id = tccli.call("ProcessMediaByMPS", *asked)["TaskId"]
    detail = tccli.call("DescribeTaskDetail", "--TaskId", task_id, "--waiter", WAITER)
    (row,) = detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    with urllib.request.urlopen(json.loads(row["Output"]["OutputText"])["SubtitlePath"]) as link:
        heard = " ".join(line for cue in parse(link.read()).cues for line in cue.lines)
    assert len(heard.split()) > 20
    assert jiwer.wer(begin_of(TWO_CITIES, heard), spoken_words(heard)) <= 0.1


def test_a_refusal_ends_with_its_code(tccli: Tccli) -> None:
    run = tccli.run("DescribeTaskDetail", "--TaskId", "none")
    assert run.returncode == 255
    assert "InvalidParameterValue.TaskId" in run.stderr
