"""A stand-in for `openvod.tasks`: kinds of sub-tasks that do what their options say.

Options: `segments` (0 means one piece), `files` (name -> text), `output`, and `do`: a stage (`plan`, `run/0`, `join`)
-> acts. An act is `["wait", path]` (until it exists), `["signal", n]`, `["memory"]`, `["fault", key, facts]`,
`["progress", 0.5]`, `["link", name, path]` or `["answer", {…}]` (instead of the right one).
"""

import os
import select
from pathlib import Path

from openvod.core.errors import TaskFault


def run_stage(argument, progress, ask):
    options, stage = argument["options"], argument["stage"]
    if stage == "run":
        stage = f"run/{argument['segment']['number']}"
    for act, *details in options.get("do", {}).get(stage, []):
        if act == "answer":
            return details[0]
        ACTS[act](progress, *details)
    segments = options.get("segments", 0)
    if argument["stage"] == "run":
        return {"result": {"square": argument["segment"]["number"] ** 2}}
    if argument["stage"] == "plan" and segments:
        return {"segments": [{"number": number} for number in range(segments)]}
    return {"outcome": outcome(options, argument.get("results"))}


def outcome(options, results):
    for name, text in options.get("files", {}).items():
        Path(name).write_text(text)
    return {
        "output": {"Results": results, **options.get("output", {})},
        "files": [
            {"name": name, "title": name.upper(), "file_type": "Test.File"}
            for name in options.get("files", {})
        ],
        "engine": "scripted 1",
        "warnings": ["only a test"],
    }


def wait(progress, path):
    while not os.path.exists(path):
        select.select([], [], [], 0.02)


def memory(progress):
    bytearray(1 << 40)


def fault(progress, key, facts):
    raise TaskFault(key, **facts)


ACTS = {
    "wait": wait,
    "signal": lambda progress, number: os.kill(os.getpid(), number),
    "memory": memory,
    "fault": fault,
    "progress": lambda progress, value: progress(value),
    "link": lambda progress, name, path: os.symlink(path, name),
}
