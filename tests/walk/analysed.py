"""An analysis through the official SDK, and its answer as it must be."""

import json
from typing import Any

from openvod.core import spec
from tests.conftest import SUB_APP
from tests.walk.conftest import Sdk


def analysed(sdk: Sdk, file_id: str, definition: int, des: dict[str, Any] | None = None) -> dict[str, Any]:
    """The only sub-task's row when the task has ended; its output is checked by the facts, and read."""
    task: dict[str, Any] = {"Definition": definition}
    if des is not None:
        task["ExtendedParameter"] = json.dumps({"des": des})
    asked = sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, AiAnalysisTask=task)
    row: dict[str, Any]
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "SUCCESS", row["Message"]
    row["Read"] = json.loads(row["Output"]["OutputText"])
    kind = row["TaskType"].removeprefix("AiAnalysis.").removesuffix("Task")
    spec.load("mps").check_output(f"AiAnalysisTask{kind}Output", row["Read"])
    return row
