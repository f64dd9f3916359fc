"""The whole walk with curl and openssl: the README's example, as it stands."""

import os
import subprocess
from pathlib import Path

import jiwer
import pytest

from openvod.media.captions import parse
from tests.conftest import Server
from tests.walk.texts import TWO_CITIES, begin_of, spoken_words

SCRIPT = Path(__file__).parents[2] / "examples" / "curl.sh"


@pytest.mark.needs("models")
@pytest.mark.needs("curl")
@pytest.mark.needs("openssl")
def test_upload_process_poll_read(server: Server, talk: Path) -> None:
    run = subprocess.run(
        [SCRIPT, server.url, talk],
        env={
            "PATH": os.environ["PATH"],
            "OPENVOD_SECRET_ID": server.secret_id,
            "OPENVOD_SECRET_KEY": server.secret_key,
            "OPENVOD_SUB_APP_ID": str(server.sub_app),
        },
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr.decode()
    heard = " ".join(line for cue in parse(run.stdout).cues for line in cue.lines)
    assert len(heard.split()) > 20
    assert jiwer.wer(begin_of(TWO_CITIES, heard), spoken_words(heard)) <= 0.1
