"""What a call costs: a durable ProcessMediaByMPS, and reading it back, beside `transcribe`'s jobs on moto's server.

Moto keeps its jobs in memory and does not check signatures; ours checks TC3, checks every field against the API's facts,
and answers after the task is synced to disk. Requests are signed before the clock starts and sent by another process.
Each call has its own line, and its peer: accepting is compared with StartTranscriptionJob, reading with GetTranscriptionJob.
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
ACCEPT = "ProcessMediaByMPS"
READS = ("DescribeTaskDetail", "DescribeTasks", "DescribeMediaInfos")
SUBTITLE = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"

Figures = dict[str, dict[str, dict[str, float]]]
"""By call and load: CPU of the server's tree per call, and the client's latencies, in milliseconds."""


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


def openvod(folder: Path) -> Figures:
    """Our server without workers, so that nothing else uses the processor; by call and load."""
    data = folder / "data"
    subtitle = folder / "file.vtt"
    subtitle.write_text(SUBTITLE)
    environment = {
        "OPENVOD_SECRET_ID": KEY.secret_id,
        "OPENVOD_SECRET_KEY": KEY.secret_key,
        "OPENVOD_SUB_APP_ID": str(SUB_APP),
    }
    ours = [sys.executable, "-m", "openvod"]
    with running(
        [*ours, "serve", "--port", "0", "--workers", "0", "--data", str(data)], **environment
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[3].removeprefix("http://")
        upload = [*ours, "upload", str(subtitle), "--file-id", FILE_ID, "--data", str(data)]
        subprocess.run(upload, check=True, capture_output=True)
        asked = {ACCEPT: {"FileId": FILE_ID, "AiAnalysisTask": {"Definition": 21}}}
        task_id = json.loads(posted(_plan(address, ACCEPT, asked[ACCEPT], "TaskId")))["Response"]["TaskId"]
        asked |= {
            "DescribeTaskDetail": {"TaskId": task_id},
            "DescribeTasks": {"FileId": FILE_ID, "Limit": 1},
            "DescribeMediaInfos": {"FileIds": [FILE_ID]},
        }
        plans = {
            action: _plan(address, action, fields, '"TaskId"' if action == ACCEPT else FILE_ID)
            for action, fields in asked.items()
        }
        plans["DescribeTaskDetail"]["expect"] = task_id
        # Reads first: the tasks that the last bench accepts would be in the way of DescribeMediaInfos.
        return {action: loads(server.pid, plans[action], folder) for action in (*READS, ACCEPT)}


def _plan(address: str, action: str, fields: dict[str, Any], expect: str) -> dict[str, Any]:
    headers, body = sign_tc3(KEY, address, action, {"SubAppId": SUB_APP, **fields})
    host, _, port = address.partition(":")
    about = {"headers": headers, "body": body.decode(), "expect": expect}
    return {"host": host, "port": int(port), "path": "/", **about}


def posted(plan: dict[str, Any]) -> bytes:
    """The answer to one request of a plan."""
    url = f"http://{plan['host']}:{plan['port']}{plan['path']}"
    with urllib.request.urlopen(
        urllib.request.Request(url, plan["body"].encode(), plan["headers"])
    ) as answer:
        return bytes(answer.read())


def loads(pid: int, plan: dict[str, Any], folder: Path) -> dict[str, dict[str, float]]:
    """One plan at each number of connections."""
    return {
        f"{count} connection{'s' if count > 1 else ''}": measure(pid, {**plan, "connections": count}, folder)
        for count in CONNECTIONS
    }


def moto(folder: Path, python: Path) -> Figures:
    """Moto's server; the jobs are made before they are read."""
    port = 15000 + os.getpid() % 10000
    with running([str(python), "-m", "moto.server", "-p", str(port)]) as server:
        wait_for(f"http://127.0.0.1:{port}/moto-api/")
        job = {
            "TranscriptionJobName": "job-{number}",
            "LanguageCode": "en-US",
            "Media": {"MediaFileUri": "s3://bucket/file.mp4"},
        }
        first = {**job, "TranscriptionJobName": "first"}
        start, get = (
            _moto_plan(port, "StartTranscriptionJob", job),
            _moto_plan(port, "GetTranscriptionJob", {}),
        )
        posted({**start, "body": json.dumps(first)})
        get["body"] = json.dumps({"TranscriptionJobName": "first"})
        return {
            "GetTranscriptionJob": loads(server.pid, get, folder),
            "StartTranscriptionJob": loads(server.pid, start, folder),
        }


def _moto_plan(port: int, action: str, fields: dict[str, Any]) -> dict[str, Any]:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"Transcribe.{action}",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/transcribe/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }
    about = {"headers": headers, "body": json.dumps(fields), "expect": "TranscriptionJob"}
    return {"host": "127.0.0.1", "port": port, "path": "/", **about}


def run(peer_python: Path | None) -> dict[str, Any]:
    """Both servers' figures by call and load, and the ratios of each of ours to its peer's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = openvod(Path(folder))
        theirs = moto(Path(folder), peer_python) if peer_python else {}
    ratios = {}
    for action, figures in ours.items() if theirs else ():
        peer = theirs["StartTranscriptionJob" if action == ACCEPT else "GetTranscriptionJob"]
        ratios[action] = {
            load: {name: row[name] / peer[load][name] for name in row} for load, row in figures.items()
        }
    return {"openvod": ours, "moto transcribe": theirs, "ratio": ratios}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None), indent=2))
