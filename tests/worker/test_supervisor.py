"""The supervisor with real processes: started, started again, told nothing secret, and gone in the end."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from openvod.core.settings import Settings
from openvod.worker.supervisor import Supervisor, worker_environment
from tests.worker.conftest import wait_for


def test_workers_are_ready_restarted_after_a_crash_and_stopped(bench, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    supervisor = Supervisor(bench.settings, 1)
    assert not supervisor.ready(bench.store.executors.live())
    supervisor.start()
    try:
        wait_for(lambda: supervisor.ready(bench.store.executors.live()))
        (first,) = supervisor.pids()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: first not in supervisor.pids())
        wait_for(lambda: supervisor.ready(bench.store.executors.live()))
        (second,) = supervisor.pids()
        assert second != first
    finally:
        supervisor.stop()
    assert not os.path.exists(f"/proc/{second}")
    assert supervisor.pids() == set()


def test_a_worker_that_will_not_go_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("openvod.worker.supervisor.GRACE_SECONDS", 0.1)
    program = (
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "signal.pause()\n"
    )
    up = tmp_path / "up"
    supervisor = Supervisor(Settings(data=tmp_path), 1, [sys.executable, "-c", program, str(up)])
    supervisor.start()
    wait_for(up.exists)
    (pid,) = supervisor.pids()
    supervisor.stop()
    assert not os.path.exists(f"/proc/{pid}")


def test_a_worker_reads_the_same_settings_and_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENVOD_SECRET_KEY", "in the environment")
    given = Settings(
        data=tmp_path, secret_id="AKIDx", secret_key="in the settings", no_auth=True, models=tmp_path / "m",
        database_url="postgresql://x", job_seconds_per_media_second=0.5, word_times=False, public_url="http://y",
    )  # fmt: skip
    told = tmp_path / "told"
    program = "import os, sys\nopen(sys.argv[1], 'w').write(repr(dict(os.environ)))\nsys.stdin.read()\n"
    supervisor = Supervisor(given, 1, [sys.executable, "-c", program, str(told)])
    supervisor.start()
    text = wait_for(lambda: told.exists() and told.read_text())
    supervisor.stop()
    assert "in the environment" not in text
    assert "in the settings" not in text
    assert Settings.read(env=worker_environment(given)) == replace(given, secret_id="", secret_key="")


def test_a_settings_file_with_secrets_is_not_read_again(tmp_path):
    file = tmp_path / "openvod.toml"
    file.write_text('secret_key = "hidden"\n')
    env = {"OPENVOD_CONFIG": str(file), **worker_environment(Settings(data=tmp_path))}
    assert Settings.read(env=env).secret_key == ""


def test_a_relative_data_folder_is_the_same_one_from_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert worker_environment(Settings(data=Path("data")))["OPENVOD_DATA"] == str(tmp_path / "data")


def test_the_server_process_stays_light():
    program = (
        "import sys, openvod.worker.supervisor\n"
        "print([name for name in ('dbos', 'numpy', 'av', 'onnxruntime', 'alembic') if name in sys.modules])\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
