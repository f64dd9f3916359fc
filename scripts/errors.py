"""docs/ERRORS.md: every code that a client can see, with its texts, from `core/errors.py`."""

from collections.abc import Iterator

from openvod.core.errors import ApiError, TaskFault, Text

HEAD = """# Errors

Generated from `core/errors.py` by `python -m scripts.docs`; do not edit. Codes are the API's, texts are ours; what stands
in braces is filled in. `X-TC-Language: zh-CN` chooses the Chinese text.

"""


def page() -> str:
    """The whole document."""
    requests = _table(ApiError.table)
    tasks = _table(TaskFault.table)
    return (
        HEAD
        + "## Refused requests\n\n"
        + "\n".join(requests)
        + "\n\n## Failed sub-tasks\n\n`ErrCode` is 40000 for `InvalidInput`, 60000 for `SourceFileError` and 70000 for "
        + "`InternalError`; the code below leads the `Message`.\n\n"
        + "\n".join(tasks)
        + "\n"
    )


def _table(texts: dict[str, Text]) -> Iterator[str]:
    yield "| code | English | Chinese |"
    yield "|---|---|---|"
    for key, text in texts.items():
        yield f"| `{key.partition('/')[0]}` | {text.en} | {text.zh} |"
