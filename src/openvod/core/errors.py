"""The two kinds of errors that a client can see: the refusal of a request, and the fault of a sub-task.

What they say, in English and Chinese (`X-TC-Language` chooses), is in `core.refusals` and `core.task_faults`.
"""

from collections.abc import Mapping
from typing import ClassVar

from openvod.core.refusals import REFUSALS
from openvod.core.task_faults import TASK_FAULTS
from openvod.core.texts import Text


class Fault(Exception):
    """An answer to the client, not a failure of ours: a code and a message in both languages."""

    table: ClassVar[Mapping[str, Text]]

    def __init__(self, key: str, **facts: object) -> None:
        """A fact may be a Text where it is words, not a name or a number."""
        self.key = key
        self.code = key.partition("/")[0]
        self.en, self.zh = self.table[key].filled(facts)
        super().__init__(f"{self.code}: {self.en}")

    @property
    def text(self) -> Text:
        """Both languages, as a fact of another error."""
        return Text(self.en, self.zh)

    def message(self, language: str) -> str:
        """The message for an `X-TC-Language` value; anything but `zh…` reads English."""
        return self.zh if language.lower().startswith("zh") else self.en


class ApiError(Fault):
    """The refusal of a request: `raise ApiError("UnknownParameter", field="AiAnalysisTask.Foo")`."""

    table = REFUSALS


class TaskFault(Fault):
    """Why a sub-task failed: `ErrCode` is `number`, and the text code leads the `Message`.

    Number and text code follow the vendor's table of task errors: 40000 input, 60000 source file, 70000 internal.
    """

    table = TASK_FAULTS

    @classmethod
    def told(cls, key: str, en: str, zh: str) -> "TaskFault":
        """The fault that another process raised: its texts are filled in already."""
        fault = cls.__new__(cls)
        fault.key, fault.code, fault.en, fault.zh = key, key.partition("/")[0], en, zh
        Exception.__init__(fault, f"{fault.code}: {en}")
        return fault

    @property
    def number(self) -> str:
        """`MPSSubTaskResult.ErrCode`: a number as text."""
        return {"InvalidInput": "40000", "SourceFileError": "60000"}.get(self.code.partition(".")[0], "70000")


def aborted() -> dict[str, str]:
    """What is stored as the result of a sub-task whose task was aborted: `{"number", "code", "en", "zh"}`."""
    fault = TaskFault("InvalidInput/aborted")
    return {"number": fault.number, "code": fault.code, "en": fault.en, "zh": fault.zh}
