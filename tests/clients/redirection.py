"""How does an uploader whose addresses nobody can set reach this server? By TLS, with what stands in for DNS."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from openvod.core.models import STORAGE_BUCKET, STORAGE_REGION
from tests.conftest import NODE_MODULES, Server, start_server
from tests.walk.conftest import Sdk

HERE = Path(__file__).parent
API = "vod.tencentcloudapi.com"
BUCKET = f"{STORAGE_BUCKET}.cos.{STORAGE_REGION}.myqcloud.com"


@dataclass(frozen=True)
class Redirected:
    """A server with a TLS listener, and a certificate for the vendor's names."""

    server: Server
    tls: str
    """host:port"""
    certificate: Path

    def run(self, *command: str | Path, **environment: str) -> str:
        """What a client's script prints; every name that it asks for leads here. Raises AssertionError if it fails."""
        told = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", ""),
            "OPENVOD_TLS": self.tls,
            "OPENVOD_CA": str(self.certificate),
            "OPENVOD_SECRET_ID": self.server.secret_id,
            "OPENVOD_SECRET_KEY": self.server.secret_key,
            "REQUESTS_CA_BUNDLE": str(self.certificate),
            "NODE_EXTRA_CA_CERTS": str(self.certificate),
            **environment,
        }
        run = subprocess.run(command, env=told, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout.strip()


def start_redirected(folder: Path, *options: str) -> Redirected:
    """A server with both listeners, and a certificate made with openssl."""
    certificate, key = folder / "openvod.crt", folder / "openvod.key"
    names = ",".join(f"DNS:{name}" for name in (API, BUCKET))
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=OpenVOD"
    subprocess.run(
        [*command.split(), "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    tls = ("--tls-cert", str(certificate), "--tls-key", str(key), "--tls-port", "0")
    server = start_server(folder / "data", *tls, *options)
    assert server.process.stdout is not None
    url = server.process.stdout.readline().split()[-1]
    return Redirected(server, url.removeprefix("https://"), certificate)


def by_python(redirected: Redirected, *files: Path) -> str:
    """The FileId that the stock `vod-python-sdk` was given for a file and, if there is one, its cover."""
    return redirected.run(
        sys.executable,
        HERE / "python_upload.py",
        str(redirected.server.sub_app),
        *files,
        PYTHONPATH=str(HERE / "redirected"),
        PYTHONWARNINGS="ignore",  # newer Pythons find fault with the SDK's own syntax
    )


def by_node(redirected: Redirected, *files: Path) -> str:
    """The same of the stock `vod-node-sdk`."""
    return redirected.run(
        "node",
        "--require",
        HERE / "redirect.js",
        HERE / "node_upload.js",
        str(redirected.server.sub_app),
        *files,
        NODE_PATH=str(NODE_MODULES),
        NODE_NO_WARNINGS="1",
    )


def came(redirected: Redirected, file_id: str, media: Path) -> dict[str, str]:
    """The file's BasicInfo, if its bytes are those that were sent."""
    server = redirected.server
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    (info,) = sdk.call("DescribeMediaInfos", FileIds=[file_id])["MediaInfoSet"]
    assert info["MetaData"]["Md5"] == hashlib.md5(media.read_bytes()).hexdigest()
    basic: dict[str, str] = info["BasicInfo"]
    return basic
