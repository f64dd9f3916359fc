"""A worker that remembers, for what asks it by `core.asking`: values by step, and files."""

import json
from pathlib import Path

from openvod.core.models import Json


class Keeper:
    """The far side of `core.asking`; `folder` is the job's, in which the named files are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: dict[str, Json] = {}
        self.files: dict[str, bytes] = {}

    def __call__(self, question: Json) -> Json:
        if "keep" in question:
            for about, value in question["pairs"]:  # in another order, as a store may give it back
                self.steps[_key(question["keep"], about)] = json.loads(json.dumps(value, sort_keys=True))
            return {}
        if "recall" in question:
            return {"values": [self.steps.get(_key(question["recall"], each)) for each in question["abouts"]]}
        if "keep_file" in question:
            name = _key(question["keep_file"], question["about"])
            self.files[name] = (self.folder / question["file"]).read_bytes()
            return {}
        found = self.files.get(_key(question["recall_file"], question["about"]))
        if found is not None:
            (self.folder / question["file"]).write_bytes(found)
        return {"found": found is not None}


def _key(step: str, about: Json) -> str:
    return json.dumps([step, about], sort_keys=True)
