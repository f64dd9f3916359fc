"""docs/ERRORS.md: every code that a client can see, with its texts, from `core/refusals.py` and `core/task_faults.py`."""

from collections.abc import Iterator, Mapping

from openvod.core.refusals import REFUSALS
from openvod.core.task_faults import TASK_FAULTS
from openvod.core.texts import Text

HEAD = """# Errors

Generated from `core/refusals.py` and `core/task_faults.py` by `python -m scripts.docs`; do not edit. Codes are the
API's, texts are ours; what stands
in braces is filled in. `X-TC-Language: zh-CN` chooses the Chinese text.

"""


def page() -> str:
    """The whole document."""
    requests = _table(REFUSALS)
    tasks = _table(TASK_FAULTS)
    return (
        HEAD
        + "## Refused requests\n\n"
        + "\n".join(requests)
        + "\n\n## Failed sub-tasks\n\n`ErrCode` is 40000 for `InvalidInput`, 60000 for `SourceFileError` and 70000 for "
        + "`InternalError`; the code below leads the `Message`.\n\n"
        + "\n".join(tasks)
        + "\n"
    )


def _table(texts: Mapping[str, Text]) -> Iterator[str]:
    yield "| code | English | Chinese |"
    yield "|---|---|---|"
    for key, text in texts.items():
        yield f"| `{key.partition('/')[0]}` | {text.en} | {text.zh} |"
