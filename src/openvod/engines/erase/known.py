"""What was found in the same file before? The pass that finds is a step that is remembered, so that it is done once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openvod.core import asking
from openvod.core.models import Json
from openvod.engines.video import Media

STEP = "erase-found/5"
"""Goes up with every change of what finding comes to."""
MOST = 8 << 20
"""Characters of a file that is remembered; what is longer is found again."""
PATHS = ("source", "models", "times", "index", "frames")
"""What of a finder's argument tells where things are, or follows from the file's bytes."""


def found(media: Media, target: str, argument: Json, file: Path, find: Callable[[], Json]) -> Json:
    """The answer of `find`, which writes `file` (JSON); both are taken from memory when the same was found in the same bytes
    before, by this sub-task before its worker crashed, or by another one. `target` names the finder."""
    if not media.content:
        return find()
    about = {
        "content": media.content,
        "finder": target,
        "asked": {name: value for name, value in argument.items() if name not in PATHS},
        "models": sorted(
            [each.parent.name, each.name, each.stat().st_size] for each in media.models.glob("*/*.onnx")
        ),
    }
    known = asking.recall(media.ask, STEP, about)
    if known is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, known["file"])
        answer: Json = known["answer"]
        return answer
    answer = find()
    written = file.read_text()
    if len(written) <= MOST:
        content = json.loads(written)
        _write(file, content)
        asking.keep(media.ask, STEP, about, {"answer": answer, "file": content})
    return answer


def _write(file: Path, content: Any) -> None:
    """The same bytes whether it was found or remembered: finished segments are known by them."""
    file.write_text(json.dumps(content, sort_keys=True))
