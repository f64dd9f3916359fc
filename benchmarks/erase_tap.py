"""What does the encoder get? Stands between an engine's editor and the encoder, and keeps what passes."""

import os
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from openvod.media.rewrite.windows import Window


def edit(window: Window) -> None:
    """An editor: `{"editor", "argument", "tap"}`, the one to be called, its argument, and the folder to write to.

    Each edited picture becomes a file of its planes; the CPU-seconds that this takes are kept beside."""
    argument = window.argument
    module, _, name = argument["editor"].partition(":")
    getattr(import_module(module), name)(replace(window, argument=argument["argument"]))
    begun, folder = time.process_time(), Path(argument["tap"])
    for picture in window.inner:
        kept = b"".join(plane.tobytes() for plane in picture.planes)
        (folder / f"{picture.number}.yuv").write_bytes(kept)
    window.memory["tapped"] = window.memory.get("tapped", 0.0) + time.process_time() - begun
    (folder / f"{os.getpid()}.cpu").write_text(str(window.memory["tapped"]))
