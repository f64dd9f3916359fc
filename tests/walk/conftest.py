"""The official clients, pointed at the test server."""

import json
from pathlib import Path
from typing import Any

import pytest
from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vod.v20180717 import models, vod_client

from tests.conftest import FILE_ID, SUB_APP, Server, ends


class Sdk:
    """The official Python SDK; `call` takes and gives what is on the wire."""

    def __init__(
        self, address: str, secret_id: str, secret_key: str, language: str = "en-US", **profile: Any
    ) -> None:
        http = HttpProfile(protocol="http", endpoint=address, reqMethod=profile.pop("method", "POST"))
        self.client = vod_client.VodClient(
            credential.Credential(secret_id, secret_key),
            "",
            ClientProfile(httpProfile=http, language=language, **profile),
        )

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """The answer's fields; raises TencentCloudSDKException."""
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(params))
        answer: dict[str, Any] = json.loads(getattr(self.client, action)(request).to_json_string())
        return answer

    def wait(self, task_id: str) -> dict[str, Any]:
        """DescribeTaskDetail, again and again until the task has ended."""
        detail: dict[str, Any] = {}

        def ended() -> bool:
            detail.update(self.call("DescribeTaskDetail", TaskId=task_id))
            return detail["Status"] in {"FINISH", "ABORTED"}

        if not ends(ended):
            raise TimeoutError(task_id)
        return detail


def cos(server: Server, applied: dict[str, Any], **changes: Any) -> CosS3Client:
    """The official COS SDK with the upload's temporary key."""
    temporary = applied["TempCertificate"]
    settings = {
        "Region": applied["StorageRegion"],
        "SecretId": temporary["SecretId"],
        "SecretKey": temporary["SecretKey"],
        "Token": temporary["Token"],
        "Scheme": "http",
        "Domain": server.address,
        "AutoSwitchDomainOnRetry": False,
    }
    return CosS3Client(CosConfig(**{**settings, **changes}), retry=0)


@pytest.fixture
def sdk(server: Server) -> Sdk:
    return Sdk(server.address, server.secret_id, server.secret_key)


@pytest.fixture(scope="session")
def seed_file(server: Server, talk: Path) -> str:
    """The clip under the FileId and SubAppId of the API's documented examples."""
    return server.upload(talk, "--file-id", FILE_ID, "--sub-app", str(SUB_APP))
