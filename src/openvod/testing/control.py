"""What does a test's server do when the test asks? One function per question."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from openvod.actions import Action, Call
from openvod.core import spec
from openvod.core.errors import ApiError
from openvod.core.models import Json, new_file_id
from openvod.core.pulls import PULL
from openvod.core.settings import Settings
from openvod.core.spec import Service
from openvod.edge.rates import Rates
from openvod.store import Store
from openvod.store.intake import take_in
from openvod.store.library import FileIdTaken
from openvod.testing.line import Refused
from openvod.testing.moved_clock import MovedClock
from openvod.testing.script import Fault, Script
from openvod.testing.wipe import Wiper

_FILE_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_BLOCK = 1 << 20
FIELDS = {
    "AiAnalysisTask": "AiAnalysis",
    "SmartSubtitlesTask": "SmartSubtitle",
    "SmartEraseTask": "SmartErase",
    "PullUpload": PULL,
}
"""What a request's field is called as a sub-task's type."""


@dataclass(frozen=True, slots=True)
class Control:
    """The server's side of `double.OpenVod`."""

    store: Store
    settings: Settings
    actions: Mapping[Service, Mapping[str, Action]]
    """As they are without a script."""
    default_sub_app: int
    clock: MovedClock
    script: Script
    rates: Rates
    wiper: Wiper

    def answer(self, question: Json) -> Any:
        """The answer, as JSON. Raises Refused."""
        answers: dict[str, Callable[..., Any]] = {
            "reset": self._reset,
            "upload": self._upload,
            "task": self._task,
            "clock": self._clock,
            "faults": self._faults,
        }
        return answers[question.pop("ask")](**question)

    def _reset(self) -> None:
        """First what was stored: whoever still works on it can leave nothing behind after that."""
        self.wiper.wipe()
        self.script.clear()
        self.rates.forget()
        self.clock.go_right()

    def _upload(self, file: str, file_id: str | None, sub_app_id: int | None) -> str:
        path, number = Path(file), sub_app_id or self.default_sub_app
        if not path.is_file():
            raise Refused(f"{file} is no file")
        if file_id is not None and not _FILE_ID.fullmatch(file_id):
            raise Refused("a FileId is up to 19 digits")
        if self.store.accounts.sub_app(number) is None:
            account, *_ = self.store.accounts.list_accounts()
            self.store.accounts.create_sub_app(account.id, f"app {number}", number=number)
        file_id = file_id or new_file_id()
        about = {"file_id": file_id, "sub_app_id": number, "name": path.name, "source_type": "Upload"}
        with path.open("rb") as data:
            blocks = iter(lambda: data.read(_BLOCK), b"")
            try:
                take_in(self.store.library, self.store.blobs, blocks, self.settings.data, **about)
            except FileIdTaken as error:
                raise Refused(f"the FileId {file_id} is taken") from error
            except ApiError as error:
                raise Refused(f"{file}: {error.en}") from error
        return file_id

    def _task(self, task_id: str) -> Json:
        """As DescribeTaskDetail answers its owner."""
        task = self.store.tasks.get(task_id)
        owner = None if task is None else self.store.accounts.sub_app(task.sub_app_id)
        if owner is None:
            raise Refused(f"there is no task {task_id}")
        call = Call(
            params={"TaskId": task_id},
            account_id=owner.account_id,
            store=self.store,
            settings=self.settings,
            now=self.clock(),
            language="en-US",
        )
        detail = self.actions["vod"]["DescribeTaskDetail"].run(call)
        assert isinstance(detail, dict)
        return spec.load().fill("DescribeTaskDetailResponse", detail)

    def _clock(self, by: float | None = 0.0, to: float | None = None, frozen: bool | None = None) -> float:
        """The time it is afterwards. `by` None is back to the machine's."""
        if by is None:
            self.clock.go_right()
        elif by or to is not None or frozen is not None:
            stands = self.clock.frozen if frozen is None else frozen
            self.clock.set((self.clock() if to is None else to) + by, frozen=stands)
            self.store.events.sweep()  # what is else done every few hours
            self.store.sweep()
        return self.clock()

    def _faults(self, add: Json | None = None, clear: bool = False) -> list[Json]:
        """What is left of the script afterwards, without what was left empty."""
        if clear:
            self.script.clear()
        if add is not None:
            self.script.add(self._fault(add))
        usual = {field.name: field.default for field in fields(Fault)}
        return [
            {name: value for name, value in fault.items() if value != usual[name] or name == "times"}
            for fault in self.script.left()
        ]

    def _fault(self, given: Json) -> Fault:
        """Checked, because a script that never comes into play would let a test pass."""
        about: str = given["about"]
        if given["kind"] in {"answer", "delay"} and not any(
            about in of_api for of_api in self.actions.values()
        ):
            raise Refused(f"there is no action {about}")
        if given["kind"] == "sub_task":
            about = FIELDS.get(about, about)
            if about.partition(".")[0] not in FIELDS.values():
                raise Refused(f"{about} is no type of sub-task")
        if given["kind"] in {"answer", "sub_task"} and not given["code"]:
            raise Refused("a fault needs a code")
        if given["times"] < 1 or given.get("seconds", 0.0) < 0:
            raise Refused("a fault happens once or more often, and takes no less than no time")
        return Fault(**{**given, "about": about})
