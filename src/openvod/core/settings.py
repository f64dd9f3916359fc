"""Every setting, in one frozen object that is read once at the start: defaults, then a TOML file, then the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

PREFIX = "OPENVOD_"
SECRETS = ("secret_id", "secret_key")
"""Settings that only the process that starts the server may see; children never inherit them."""


class SettingError(ValueError):
    """A setting that is unknown or has a value of the wrong kind; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose. Each field is `OPENVOD_<NAME>` in the environment and `<name>` in the TOML file."""

    data: Path = Path("data")
    """Folder of the database, the media library and generated keys; made on the first start, readable by its owner only."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 9000
    """Port to listen on; 0 takes a free one."""
    tls_cert: Path | None = None
    """Certificate with its chain (PEM) of a second listener that speaks TLS; none means no such listener."""
    tls_key: Path | None = None
    """Private key of the certificate (PEM, not encrypted)."""
    tls_port: int = 9443
    """Port of the TLS listener; 0 takes a free one."""
    head_seconds: float = 20.0
    """How long the head of a request, and a TLS handshake, may take, in seconds."""
    public_url: str = ""
    """What signed links begin with, e.g. `https://vod.example.org`; empty means `http://<host>:<port>` as bound."""
    secret_id: str = ""
    """SecretId of the first account's key; empty means: made on the first start."""
    secret_key: str = ""
    """SecretKey of the first account's key; empty means: made on the first start."""
    sub_app_id: int = 0
    """SubAppId of the first account's default application; 0 means: made on the first start."""
    no_auth: bool = False
    """Accept requests signed `SKIP` as the first account. Only on a loopback address."""
    models: Path | None = None
    """Folder of the models; the default is `~/.cache/openvod/models`, or `$XDG_CACHE_HOME/openvod/models`."""
    database_url: str = ""
    """SQLAlchemy URL of the database, e.g. `postgresql+psycopg://…`; empty means SQLite in the data folder."""
    object_store: str = ""
    """URL of the object store for media, e.g. `s3://bucket/prefix`; empty means a folder in the data folder."""
    workers: int = 1
    """Worker processes beside the server; 0 serves the API only."""
    worker_slots: int = 0
    """Media processes that one worker runs at the same time; 0 means one per CPU core."""
    job_memory_mb: int = 4096
    """Memory (address space) that one media process may take, in MB."""
    job_seconds_per_media_second: float = 20.0
    """CPU and wall time that one media process may take per second of its media, on top of two minutes."""
    memory_mb: int = 1024
    """How much of what tasks have recognised and translated is remembered, in MB, so that a rerun needs less work; 0 is
    nothing. What nobody asked for in 30 days is forgotten.
    """
    kept_video_mb: int = 4096
    """How much of the video that burning in and erasing have encoded each machine keeps in its data folder, in MB, so that
    after a correction or a crash only what is missing is encoded; 0 is nothing.
    """
    kept_video_days: float = 7.0
    """After how many days that of it which nobody asked for is thrown away."""
    chat_url: str = ""
    """An OpenAI-compatible endpoint for translation and texts, e.g. `https://llm.example.org/v1`; empty means none."""
    chat_key: str = ""
    """Its API key."""
    chat_model: str = ""
    """The model to ask for there."""
    transcribe_url: str = ""
    """An OpenAI-compatible endpoint that recognises speech (`/audio/transcriptions`); empty means none."""
    transcribe_key: str = ""
    """Its API key."""
    transcribe_model: str = "whisper-1"
    """The model to ask for there."""
    speak_url: str = ""
    """An OpenAI-compatible endpoint that speaks (`/audio/speech`); empty means none."""
    speak_key: str = ""
    """Its API key."""
    speak_model: str = "tts-1"
    """The model to ask for there."""
    endpoint_seconds: float = 120.0
    """How long one call of such an endpoint may take, in seconds."""
    upload_limit_mb: int = 51200
    """Size that one uploaded file may have, in MB."""
    free_disk_mb: int = 1024
    """Free space, in MB, that uploads and downloads must leave on the disk of the media (with an object store: of the data
    folder, through which they pass); they are refused below it. 0 means: no such limit.
    """
    pull_slots: int = 4
    """Downloads from URLs (PullUpload) that one worker makes at the same time, beside its media processes; 0: none."""
    pull_seconds: float = 86400.0
    """How long one download may take in all, in seconds."""
    pull_retries: int = 6
    """How often a download that brings nothing new is tried again, with growing pauses, before its task fails."""
    link_seconds: int = 86400
    """How long a signed link lives, in seconds."""
    callback_networks: str = ""
    """Private networks that URLs sent by clients may lead to, e.g. `10.0.0.0/8,fd00::/8`.

    Link-local and metadata addresses stay closed.
    """
    event_seconds: float = 5.0
    """How long the receiver of a pushed event may take to answer, in seconds; at most 25."""
    event_quick_retries: int = 3
    """How often a push that failed is repeated at once, before the pauses grow."""
    event_quick_seconds: float = 1.0
    """Pause before each of these, in seconds."""
    event_pause_seconds: float = 60.0
    """The first longer pause between pushes, in seconds; each further one is twice as long."""
    event_hours: float = 24.0
    """How many hours of pauses a push gets in all; after that the event is a dead letter (`openvod events`)."""
    vendor_limits: bool = False
    """Limit as the vendor does: calls per second and account, tasks shown for 72 hours, only waiting tasks aborted."""
    tolerate_unknown: bool = False
    """Accept request fields that the API does not know, and note them with the task, instead of refusing them."""
    word_times: bool = True
    """Align every recognised word to the sound: exact `Wordlist` times and tighter cues, for about half as much CPU again."""

    cue_profile: str = "netflix"
    """The house style of subtitles: `netflix`, `bbc` or `short-video`; a request's ExtInfo may name another."""

    precise_shots: bool = False
    """Have doubtful changes of shots judged a second time, by the model `transnetv2` (`openvod models pull transnetv2`); it
    takes about a CPU second for each doubtful place."""

    @classmethod
    def read(cls, file: Path | None = None, env: Mapping[str, str] = os.environ, **given: Any) -> "Settings":
        """Defaults < `file` (or `$OPENVOD_CONFIG`) < environment < `given` (command line; None means not given).

        Raises SettingError for an unknown name or a value of the wrong kind.
        """
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        if file is None and (named := env.get(PREFIX + "CONFIG")):
            file = Path(named)
        if file is not None:
            values |= tomllib.loads(file.read_text())
        if unknown := values.keys() - {f.name for f in fields(cls)}:
            raise SettingError(f"unknown setting in {file}: {', '.join(sorted(unknown))}")
        values |= {
            f.name: env[PREFIX + f.name.upper()] for f in fields(cls) if PREFIX + f.name.upper() in env
        }
        values |= {name: value for name, value in given.items() if value is not None}
        return cls(**{name: _cast(name, value, hints[name]) for name, value in values.items()})

    def model_folder(self, env: Mapping[str, str] = os.environ) -> Path:
        """Where models are kept."""
        if self.models is not None:
            return self.models
        cache = env.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return Path(cache) / "openvod" / "models"


def _cast(name: str, value: Any, kind: Any) -> Any:
    if kind in (Path, Path | None):
        return Path(value)
    if kind is bool and isinstance(value, str):
        if value.lower() not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise SettingError(f"{name} must be true or false, not {value!r}")
        return value.lower() in {"1", "true", "yes", "on"}
    if isinstance(value, bool) and kind is not bool:
        raise SettingError(f"{name} must be of type {kind.__name__}, not {value!r}")
    try:
        number = kind(value)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{name} must be of type {kind.__name__}, not {value!r}") from error
    if kind in (int, float) and number < 0:
        raise SettingError(f"{name} must not be negative, but is {value!r}")
    return number


def without_secrets(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment that a child process may inherit."""
    hidden = {PREFIX + name.upper() for name in SECRETS}
    return {name: value for name, value in env.items() if name not in hidden}
