"""Is the analysis good enough? What was measured beside what is asked for: the floor, and the aim."""

from collections.abc import Iterator
from typing import Any

from benchmarks.verdict import Verdict

OURS = "openvod"


def verdicts(found: dict[str, Any]) -> Iterator[Verdict]:
    """Of the reports of those parts that were run, by name (`analysis.PARTS`)."""
    if "features" in found:
        yield from cost(found["features"]["cost"])
        yield from shots(found["features"]["shots"])
    if "cuts" in found:
        yield from cuts(found["cuts"])
    if "vertical" in found:
        yield from vertical(found["vertical"])
    if "episodes" in found:
        yield from episodes(found["episodes"])


def cost(row: dict[str, Any]) -> Iterator[Verdict]:
    """Of `features.cost`."""
    if "ratio" in row:
        ratio = row["ratio"]
        told = f"{ratio:.2f} x ({row['content_detector_cpu_per_second']:.3f} CPU-s/s)"
        yield Verdict(
            "feature pass vs content detector", told, "<= 1.0 x", ratio <= 1, "<= 0.5 x", ratio <= 0.5
        )
    each = row["cpu_per_second"]
    told = f"{each:.3f} at {row['megabits_per_second']:.1f} Mbit/s"
    yield Verdict("CPU per second of 720p", told, "<= 0.05", each <= 0.05, "<= 0.025", each <= 0.025)
    if "long" in row:
        first, last = row["long"]
        short, peak = first["peak_mb"], last["peak_mb"]
        told = (
            f"{first['seconds'] / 60:.0f} min: {short:.0f} MB, {last['seconds'] / 3600:.1f} h: {peak:.0f} MB"
        )
        good = peak < 500 and peak <= 1.25 * short
        yield Verdict("peak memory of the feature pass", told, "< 500 MB, flat", good, "< 250 MB", peak < 250)


def shots(groups: dict[str, Any]) -> Iterator[Verdict]:
    """Of `features.found_shots`, by set."""
    for group, row in groups.items():
        ours = row["detectors"][OURS]
        peers = {name: each for name, each in row["detectors"].items() if not name.startswith(OURS)}
        others = {name: each["f1"] for name, each in peers.items()}
        best = max(others, key=lambda name: others[name], default=None)
        beside = f"{best} {others[best]:.1f}" if best else "no peer"
        above = all(ours["f1"] > f1 for f1 in others.values())
        told = f"{ours['f1']:.1f} ({beside})"
        yield Verdict(
            f"shot F1 at 2 frames, {group}", told, ">= 95, above each peer", above and ours["f1"] >= 95,
            ">= 97", ours["f1"] >= 97,
        )  # fmt: skip
        hits, there = (int(number) for number in ours["dissolve"].split("/"))
        share = hits / max(1, there)
        yield Verdict(
            f"dissolves found, {group}", f"{hits} of {there}", ">= 80 %", share >= 0.8, "95 %", share >= 0.95
        )


def cuts(report: dict[str, Any]) -> Iterator[Verdict]:
    """Of `cuts`: clips and the rerun."""
    again = report["again"]["again_ms"]
    yield Verdict(
        "rerun with new parameters", f"{again} ms, no decode", "< 1 s", again < 1000, "< 100 ms", again < 100
    )
    row = report["cuts"]
    good = row["exact"] == row["clips"]
    yield Verdict(
        "segment cut, first to last frame", f"{row['exact']} of {row['clips']}", "exact", good, "exact", good
    )


def vertical(report: dict[str, Any]) -> Iterator[Verdict]:
    """Of `vertical`: known cut-outs together, real clips each (where they show a face)."""
    rows = {"known cut-outs": report["seeds"]["all"]}
    rows |= {name: row for name, row in report.get("real", {}).items() if row["frames"]}
    for name, row in rows.items():
        told = f"{row['inside']:.1%} (in the middle {row['middle']:.1%}; whole picture {row['fitted']:.0%})"
        yield Verdict(
            f"faces wholly inside, {name}", told, ">= 85 %", row["inside"] >= 0.85, ">= 95 %", row["inside"] >= 0.95
        )  # fmt: skip


def episodes(report: dict[str, Any]) -> Iterator[Verdict]:
    """Of `episodes`: two episodes of a series."""
    for kind in ("films", "sound alone"):
        if kind not in report:
            continue
        row, wrong = report[kind]["one other episode"], report[kind]["false on other series"]
        missed: int = row["missed"]
        worst = max([*row["errors"]["head"], *row["errors"]["tail"]], default=0.0)
        told = f"worst {worst:.2f} s, missed {missed}, false {wrong}"
        sound = not missed and not wrong
        yield Verdict(
            f"opening's end, ending's start, {kind}", told, "<= 0.5 s, 0 false", sound and worst <= 0.5,
            "<= 0.25 s", sound and worst <= 0.25,
        )  # fmt: skip
