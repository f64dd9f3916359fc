"""What does the worker answer when a media process asks? From the memory, the operator's endpoints, and other files."""

import shutil
from pathlib import Path
from typing import Any

from openvod.core.models import Json
from openvod.media.sandbox import Crashed
from openvod.store.kept_files import PIECE, Shelf
from openvod.store.memory import MOST, Memory
from openvod.worker import shared_files
from openvod.worker.endpoints import Endpoints, answer
from openvod.worker.neighbours import Neighbours


class Answering:
    """The far side of `core.asking` for one job: an application's memory, its source's shelf, and files of the job's folder.

    A question comes from a process that opened a stranger's file: it is only taken as the data it says it is.
    """

    def __init__(
        self,
        memory: Memory,
        endpoints: Endpoints,
        sub_app_id: int,
        folder: Path,
        *,
        shelf: Shelf,
        neighbours: Neighbours | None = None,
    ) -> None:
        """Without `neighbours` the library holds no other file."""
        self._neighbours = neighbours
        self._memory = memory
        self._endpoints = endpoints
        self._app = sub_app_id
        self._folder = folder
        self._shelf = shelf

    def __call__(self, question: Json) -> Json:
        """Raises Crashed for a question that no task of ours would ask."""
        try:
            return self._answer(question)
        except (KeyError, TypeError, ValueError) as error:
            raise Crashed(f"a question of the wrong form: {type(error).__name__}", "output") from error

    def _answer(self, question: Json) -> Json:
        match question:
            case {"recall": str() as step, "abouts": list() as abouts} if len(abouts) <= MOST:
                return {"values": self._memory.recall(self._app, step, abouts)}
            case {"keep": str() as step, "pairs": list() as pairs} if len(pairs) <= MOST:
                self._memory.keep(self._app, step, [(about, value) for about, value in pairs])
                return {}
            case {"recall_file": str() as step, "about": about, "file": name}:
                return {"found": self._fetched(step, about, name)}
            case {"keep_file": str() as step, "about": about, "file": name}:
                with shared_files.opened(self._folder, name) as file:
                    self._shelf.keep(step, about, file)
                return {}
            case {"services": True}:
                return {"services": self._endpoints.names()}
            case {"call": str()}:
                return answer(self._endpoints, question, self._folder)
            case {"neighbours": True}:
                return {"neighbours": self._neighbours.listed() if self._neighbours else []}
            case {"neighbour": str() as content, "spans": list() as spans} if self._neighbours:
                return self._neighbours.measured(content, spans)
        raise ValueError

    def _fetched(self, step: str, about: Any, name: Any) -> bool:
        """Copied, for what lies in the job's folder is the media process's own, to change as it likes."""
        kept = self._shelf.recall(step, about)
        if kept is None:
            return False
        with kept, shared_files.created(self._folder, name) as file:
            shutil.copyfileobj(kept, file, PIECE)
        return True
