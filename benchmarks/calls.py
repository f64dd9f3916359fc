"""What accepting a task costs: a durable ProcessMediaByMPS here, `transcribe:StartTranscriptionJob` on moto's server.

Moto keeps its jobs in memory and does not check signatures; ours checks TC3, checks every field against the API's facts,
and answers after the task is synced to disk. Requests are signed before the clock starts and sent by another process.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import trees
from openvod.core.signing import Key, sign_tc3

REQUESTS = 2000
WARM_UP = 200
CONNECTIONS = (1, 8)
KEY = Key("AKIDbench", "bench-secret")
SUB_APP = 221157
FILE_ID = "966263619095884274"
SUBTITLE = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"


def wait_for(url: str) -> None:
    """Until something answers there, whatever it says."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def measure(pid: int, plan: dict[str, Any], folder: Path) -> dict[str, float]:
    """CPU of the server's tree per request, and the client's latencies."""
    file = folder / "plan.json"
    for requests in (WARM_UP, REQUESTS):
        file.write_text(json.dumps({**plan, "requests": requests}))
        before = trees.cpu_seconds(pid)
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", str(file)], capture_output=True, text=True, check=True
        )
        result = json.loads(run.stdout)
        if result["refused"]:
            raise RuntimeError(f"refused: {result['refused']}")
    cpu = (trees.cpu_seconds(pid) - before) * 1000 / result["requests"]
    return {"cpu_ms": cpu, "p50_ms": result["p50"], "p99_ms": result["p99"]}


def openvod(folder: Path) -> dict[str, dict[str, float]]:
    data = folder / "data"
    subtitle = folder / "file.vtt"
    subtitle.write_text(SUBTITLE)
    environment = {
        "OPENVOD_SECRET_ID": KEY.secret_id,
        "OPENVOD_SECRET_KEY": KEY.secret_key,
        "OPENVOD_SUB_APP_ID": str(SUB_APP),
    }
    command = [sys.executable, "-m", "openvod", "serve", "--port", "0", "--workers", "0", "--data", str(data)]
    with running(command, **environment) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[3].removeprefix("http://")
        upload = [
            sys.executable,
            "-m",
            "openvod",
            "upload",
            str(subtitle),
            "--file-id",
            FILE_ID,
            "--data",
            str(data),
        ]
        subprocess.run(upload, check=True, capture_output=True)
        asked = {"FileId": FILE_ID, "SubAppId": SUB_APP, "AiAnalysisTask": {"Definition": 21}}
        headers, body = sign_tc3(KEY, address, "ProcessMediaByMPS", asked)
        host, _, port = address.partition(":")
        plan = {
            "host": host,
            "port": int(port),
            "path": "/",
            "headers": headers,
            "body": body.decode(),
            "expect": "TaskId",
        }
        return {
            f"{count} connection{'s' if count > 1 else ''}": measure(
                server.pid, {**plan, "connections": count}, folder
            )
            for count in CONNECTIONS
        }


def moto(folder: Path, python: Path) -> dict[str, dict[str, float]]:
    port = 15000 + os.getpid() % 10000
    with running([str(python), "-m", "moto.server", "-p", str(port)]) as server:
        wait_for(f"http://127.0.0.1:{port}/moto-api/")
        job = {
            "TranscriptionJobName": "job-{number}",
            "LanguageCode": "en-US",
            "Media": {"MediaFileUri": "s3://bucket/file.mp4"},
        }
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "Transcribe.StartTranscriptionJob",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/transcribe/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
        plan = {
            "host": "127.0.0.1",
            "port": port,
            "path": "/",
            "headers": headers,
            "expect": "TranscriptionJob",
        }
        return {
            f"{count} connection{'s' if count > 1 else ''}": measure(
                server.pid, {**plan, "body": json.dumps(job), "connections": count}, folder
            )
            for count in CONNECTIONS
        }


def run(peer_python: Path | None) -> dict[str, Any]:
    """Both servers' figures and the ratios ours / moto's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = openvod(Path(folder))
        theirs = moto(Path(folder), peer_python) if peer_python else {}
    ratios = {
        load: {name: figures[name] / theirs[load][name] for name in figures}
        for load, figures in ours.items()
        if theirs
    }
    return {
        "openvod ProcessMediaByMPS": ours,
        "moto transcribe:StartTranscriptionJob": theirs,
        "ratio": ratios,
    }
