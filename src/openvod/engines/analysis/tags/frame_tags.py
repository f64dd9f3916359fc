"""What does each shot of a film show, as tags? Light, colour, motion and faces as measured, text as read, labels of a model.

The rules are those of a whole film's tags, on the part of its features that lies within the shot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openvod.engines import cue_tags, picture_course
from openvod.engines.analysis.frames.seen_text import Seen
from openvod.engines.analysis.tags.face_tags import face_tags
from openvod.engines.cue_tags import Tag
from openvod.engines.features import Features, Looks, Shot
from openvod.engines.providers.clip import Named

OF_THE_FILE = frozenset({"vertical video", "square video", "letterboxed", "pillarboxed", "single shot"})
"""True of the whole file: no shot needs to say it."""
CATEGORIES = {
    "dark": "light",
    "bright": "light",
    "colourful": "colour",
    "black and white": "colour",
    "high motion": "motion",
    "low motion": "motion",
    "still picture": "motion",
    "slideshow": "motion",
    "face": "people",
    "two faces": "people",
    "group of faces": "people",
    "close-up": "framing",
    "text on screen": "text",
}


@dataclass(frozen=True, slots=True)
class FrameTag:
    """A tag of a shot."""

    name: str
    confidence: float
    """0 to 100."""
    categories: tuple[str, ...] = ()


def of_shot(found: Features, shot: Shot, texts: Sequence[Seen], named: Sequence[Named]) -> list[FrameTag]:
    """The tags of one shot, the surest first. `texts` are of the whole film, `named` of a frame of the shot."""
    measured = [each for each in _measured(found, shot) if each.name not in OF_THE_FILE]
    written = text_tags([seen for seen in texts if shot.start <= seen.time < shot.end])
    own = {
        each.name: FrameTag(each.name, each.confidence, _category(each.name))
        for each in (*measured, *written)
    }
    own |= {
        each.label.name: FrameTag(each.label.name, each.confidence, each.label.categories) for each in named
    }
    return sorted(own.values(), key=lambda tag: -tag.confidence)


def text_tags(texts: Sequence[Seen]) -> Iterator[Tag]:
    """`text on screen`, where half of the frames that were read show some."""
    shown = [seen for seen in texts if seen.lines]
    if not texts or len(shown) < 0.5 * len(texts):
        return
    share = max(seen.share for seen in shown)
    lines = [{"time": round(seen.time, 3), "lines": list(seen.lines)} for seen in shown]
    evidence = {"frames": len(shown), "of": len(texts), "share_of_the_picture": share, "read": lines}
    yield Tag("text on screen", cue_tags.sure(len(shown) / len(texts), 0.5, 1.0), evidence)


def _measured(found: Features, shot: Shot) -> Iterator[Tag]:
    part = within(found, shot)
    if not len(part.looks):
        return
    picture = picture_course.picture(part)
    yield from cue_tags.look_tags(picture, image=False)
    yield from cue_tags.course_tags(picture, [], part.ends_apart)
    yield from face_tags(part.looks)


def within(found: Features, shot: Shot) -> Features:
    """The features of one shot as those of a film of its own, with its own times."""
    first, last = np.searchsorted(found.looks.times, [shot.start, shot.end])
    rows = slice(int(first), int(last))
    arrays = {name: getattr(found.looks, name)[rows] for name in Looks.__dataclass_fields__}
    changes = arrays["changes"].copy()
    changes[~((changes >= shot.start) & (changes < shot.end))] = np.nan
    changes[np.isnan(changes).any(axis=1)] = np.nan
    looks = Looks(**{**arrays, "changes": changes})
    return replace(
        found,
        seconds=shot.end - shot.start,
        frames=shot.last - shot.first + 1,
        begin=shot.start,
        end=shot.end,
        ends_apart=0.0,
        shots=(shot,),
        looks=looks,
    )


def _category(name: str) -> tuple[str, ...]:
    return (CATEGORIES[name],) if name in CATEGORIES else ()
