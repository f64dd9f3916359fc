"""CPU and memory of a process and everything below it, from /proc (Linux)."""

import os
from collections.abc import Iterator
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def _parents() -> dict[int, int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return parents


def members(root: int) -> Iterator[int]:
    """The process and all its descendants that live now."""
    parents = _parents()
    for pid in parents:
        above = pid
        while above not in (root, 0, 1):
            above = parents.get(above, 0)
        if above == root:
            yield pid


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, with what ended children left to their parents."""
    ticks = 0
    for pid in members(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def memory_mb(root: int) -> float:
    """Proportional set size of the tree: shared pages are counted once."""
    total = 0
    for pid in members(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
