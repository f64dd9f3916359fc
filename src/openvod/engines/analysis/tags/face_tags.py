"""Which tags do the faces in a film bear out? Whether there are any, how many at a time, and how large they are."""

from collections import Counter
from collections.abc import Iterator, Sequence

from openvod.engines.cue_tags import TIMES_KEPT, Tag, sure
from openvod.engines.features import Face, Looks

LEAST = 0.6
"""Score of a face that counts."""
FEWEST = 2
"""Looks that show one: a single one may be a mistake."""
SHARE = 0.1
"""Of the looks, for a tag."""
CLOSE = 0.35
"""Share of the picture's height that a face has in a close-up."""


def face_tags(looks: Looks) -> Iterator[Tag]:
    """`face`, or how many there are at a time in most looks that show any, and `close-up`."""
    seen = [
        (float(time), [face for face in each if face[4] >= LEAST])
        for time, each in zip(looks.times, looks.faces, strict=True)
    ]
    shown = [(time, each) for time, each in seen if each]
    if len(shown) < min(FEWEST, len(seen)) or len(shown) < SHARE * len(seen):
        return
    usual = Counter(len(each) for _, each in shown).most_common(1)[0][0]
    score = sum(max(face[4] for face in each) for _, each in shown) / len(shown)
    heights = [_height(each) for _, each in shown]
    evidence = {
        "looks": len(shown),
        "of": len(seen),
        "faces_at_a_time": {"usual": usual, "most": max(len(each) for _, each in shown)},
        "largest": {"height": round(max(heights), 3), "unit": "share of the picture"},
        "score": round(score, 3),
        "times": [round(time, 3) for time, _ in shown[:TIMES_KEPT]],
    }
    name = {1: "face", 2: "two faces"}.get(usual, "group of faces")
    yield Tag(name, round(min(95.0, 100 * score), 2), evidence)
    close = sum(height >= CLOSE for height in heights) / len(heights)
    if (confidence := sure(close, 0.5, 0.9)) >= 50:
        yield Tag("close-up", confidence, {"share": round(close, 3), "looks": len(shown)})


def _height(faces: Sequence[Face]) -> float:
    return max(bottom - top for _, top, _, bottom, _ in faces)
