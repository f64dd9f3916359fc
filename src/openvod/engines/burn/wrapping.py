"""What when a line is wider than the picture? It is wrapped and, if that does not help, set smaller.

Cues come laid out; this is for big letters and narrow pictures.
"""

from collections.abc import Callable, Sequence

from openvod.engines.burn.fonts import is_cjk

Measure = Callable[[str], float]
"""Width of a text in pixels at the full size."""

SIZES = (1.0, 0.9, 0.8, 0.7)
"""Tried one after the other, as shares of the size."""
MORE = 2
"""Lines more than a cue has, at most, before letters get smaller than the least of `SIZES`."""
NOT_FIRST = set("、。,.!?:;)]}»”’」』】》〉…·ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,!?:;)")
NOT_LAST = set("([{«“‘「『【《〈(")


def fitted(lines: Sequence[str], width: float, measure: Measure) -> tuple[list[str], float]:
    """Lines that are no wider than `width` pixels, and the share of the size that they are to be set in."""
    if all(measure(line) <= width for line in lines):
        return list(lines), 1.0
    texts = [joined(lines)] if len({_is_cjk(line) for line in lines}) == 1 else list(lines)
    least = max(2, len(lines))
    attempts = [(least, share) for share in SIZES]
    attempts += [(least + more, SIZES[-1]) for more in range(1, MORE + 1)]
    for count, share in attempts:
        found = _wrapped(texts, count, width / share, measure)
        if found:
            return found, share
    found = _wrapped(texts, least + MORE, float("inf"), measure)
    return found, min(1.0, width / max(measure(line) for line in found))


def _wrapped(texts: Sequence[str], count: int, width: float, measure: Measure) -> list[str]:
    """In at most `count` lines, of about the same width; empty when that cannot be."""
    found: list[str] = []
    for text in texts:
        own = _balanced(tokens(text), max(1, count // len(texts)), width, measure)
        if not own:
            return []
        found += own
    return found


def _balanced(parts: Sequence[str], count: int, width: float, measure: Measure) -> list[str]:
    """The narrowest lines that are no more than `count`; ties are broken to the top."""
    widths = [measure(part) for part in parts]
    low, high = max(widths), min(width, sum(widths))
    if low > width or len(_filled(parts, widths, high)) > count:
        return []
    for _ in range(10):
        middle = (low + high) / 2
        if len(_filled(parts, widths, middle)) <= count:
            high = middle
        else:
            low = middle
    lines = _filled(parts, widths, high)
    return lines if all(measure(line) <= width for line in lines) else []


def _filled(parts: Sequence[str], widths: Sequence[float], width: float) -> list[str]:
    """As much as goes into each line."""
    lines: list[str] = []
    taken = width + 1
    for part, own in zip(parts, widths, strict=True):
        if taken + own > width and (not lines or lines[-1].strip()):
            lines.append("")
            taken = 0.0
        lines[-1] += part
        taken += own
    return [line.strip() for line in lines]


def tokens(text: str) -> list[str]:
    """What must not be torn: words with the space behind them, Chinese signs with the punctuation around them."""
    found: list[str] = []
    for sign in text:
        before = found[-1][-1] if found else ""
        apart = bool(before) and (
            before.isspace() or (is_cjk(sign) and sign not in NOT_FIRST) or is_cjk(before)
        )
        if not found or (apart and sign not in NOT_FIRST and not sign.isspace() and before not in NOT_LAST):
            found.append(sign)
        else:
            found[-1] += sign
    return found


def joined(lines: Sequence[str]) -> str:
    """Lines as one text; between Chinese signs there is no space."""
    text = ""
    for line in lines:
        between = "" if text and line and is_cjk(text[-1]) and is_cjk(line[0]) else " "
        text = f"{text}{between}{line}" if text else line
    return text


def _is_cjk(line: str) -> bool:
    return any(is_cjk(sign) for sign in line)
