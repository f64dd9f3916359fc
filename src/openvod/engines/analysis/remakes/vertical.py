"""How does a film become upright, or wide? Its shots are framed by what is seen in them, and it is written anew."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import faces
from openvod.engines.analysis.remakes.htv_options import Wish
from openvod.engines.features import Features, Shot
from openvod.engines.reframe import framing, geometry, watching
from openvod.engines.reframe.geometry import Geometry
from openvod.engines.reframe.painting import paint
from openvod.engines.reframe.rendering import Film, render
from openvod.engines.reframe.scenes import Scenes
from openvod.engines.reframe.tubes import Rules
from openvod.engines.video import Media

ENGINE = "openvod reframe 1"
STEP = "reframe look/2"
"""Goes up with every change of what the finer look comes to."""
VIDEO, EVIDENCE = "reframed.mp4", "reframed-evidence.json"
UPRIGHT, WIDE = 9 / 16, 16 / 9
LOOKING = 0.25
"""Share of the work that looking takes."""

FINDING_FACES = Text("finding faces", "查找人脸")
NO_FACES = Text(
    "faces were not looked for: `openvod models pull centerface`",
    "未查找人脸:请运行 `openvod models pull centerface`",
)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it; the files are `VIDEO` and `EVIDENCE` in the job's folder."""

    confidence: float
    """0 to 100, over the film's time."""
    notes: tuple[str, ...]
    missing: tuple[Text, ...]


def reframe(media: Media, content: str, features: Features, wish: Wish, ask: Ask) -> Made:
    """Write the film in its new shape, and why it is framed so. Raises TaskFault for a file without a picture."""
    shape = _geometry(media, features, wish)
    shots = features.shots or (Shot(0, 0, 0.0, max(features.seconds, 0.04), "start"),)
    blind = faces.MODEL in features.missing
    rows = [] if wish.blurred else _look(media, content, features, wish, ask)
    rules = Rules(wish.blurred, wish.smooth, wish.blur, wish.no_face, wish.double, wish.score)
    framed = []
    for shot in shots:
        coarse = watching.of_features(features, shot, wish.score)
        seen = watching.sightings(rows, coarse, shot, wish.score)
        framed.append(framing.frame(shot, seen, shape, rules))
    scenes = Scenes([each.scene for each in framed])

    def told(done: float) -> None:
        media.progress(LOOKING + (1 - LOOKING) * done)

    film = Film(shape.size, lambda planes, when: paint(planes, scenes.at(when), when, shape.size))
    written = render(media.source, media.folder / VIDEO, film, features.seconds, told)
    total = sum(shot.end - shot.start for shot in shots)
    sure = sum(each.confidence * (shot.end - shot.start) for each, shot in zip(framed, shots, strict=True))
    confidence = round(sure / max(total, 1e-6), 2)
    document = {
        "engine": ENGINE,
        "source": {"width": shape.stored[0], "height": shape.stored[1]},
        "bars": _bars(shape),
        "size": list(shape.size),
        "frames": written.frames,
        "confidence": confidence,
        "shots": [each.evidence(shot) for each, shot in zip(framed, shots, strict=True)],
    }
    (media.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return Made(confidence, written.notes, (NO_FACES,) if blind and not wish.blurred else ())


def title(wish: Wish, session: str, now: float | None = None) -> str:
    """The film's name without suffix: by the client's pattern, else as the API's own are."""
    stamp = str(round(time.time() if now is None else now))
    name = (wish.pattern or "htv-{sessionId}").replace("{sessionId}", session).replace("{timestamp}", stamp)
    return _UNSAFE.sub("", Path(name).name)[:120].strip(".") or f"htv-{session}"


def _geometry(media: Media, features: Features, wish: Wish) -> Geometry:
    width, height = media.size
    stretch = media.aspect if media.turns % 2 == 0 else 1 / media.aspect
    shown = (width * stretch, float(height)) if stretch >= 1 else (float(width), height / stretch)
    inner = geometry.inner(features.looks)
    across, down = (inner.right - inner.left) * shown[0], (inner.bottom - inner.top) * shown[1]
    ratio = wish.ratio or (UPRIGHT if across >= down else WIDE)
    return geometry.of((width, height), shown, inner, ratio)


def _bars(shape: Geometry) -> Json:
    inner = shape.inner
    edges = {"left": inner.left, "top": inner.top, "right": 1 - inner.right, "bottom": 1 - inner.bottom}
    return {name: round(value, 4) for name, value in edges.items()}


def _look(media: Media, content: str, features: Features, wish: Wish, ask: Ask) -> list[Json]:
    """The finer look at the shots that need one, unless it is remembered."""
    spans: list[tuple[float, float]] = [
        (shot.start, shot.end) for shot in watching.wanting(features, wish.accuracy)
    ]
    if not spans:
        return []
    rate = watching.RATES[wish.accuracy]

    finder = None if faces.MODEL in features.missing else faces.FaceFinder(media.models, FINDING_FACES)

    def look() -> Json:
        found = watching.look(media.source, finder, spans, rate, lambda done: media.progress(LOOKING * done))
        return {"seen": found}

    about = {
        "content": content,
        "faces": finder is not None,
        "rate": rate,
        "spans": [list(span) for span in spans],
    }
    seen: list[Json] = asking.once(ask, STEP, about, look)["seen"]
    return seen
