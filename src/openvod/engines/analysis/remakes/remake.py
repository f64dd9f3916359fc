"""How does a film become a different one that looks the same? It is planned, written anew, and measured against the old."""

import hashlib
import json
from dataclasses import asdict, dataclass

from openvod.core.models import Json
from openvod.engines.analysis.remakes import remake_plan
from openvod.engines.analysis.remakes.lettering import lettered
from openvod.engines.analysis.remakes.remake_plan import Plan, Shape
from openvod.engines.analysis.remakes.vremake_options import Wish
from openvod.engines.features import Features, Shot
from openvod.engines.reframe import likeness
from openvod.engines.reframe.painting import paint
from openvod.engines.reframe.rendering import Film, Written, render
from openvod.engines.reframe.scenes import Scenes
from openvod.engines.reframe.sound import Sounding, adder
from openvod.engines.video import Media

ENGINE = "openvod remake 1"
VIDEO, EVIDENCE = "remade.mp4", "remade-evidence.json"
WRITING = 0.85
"""Share of the work that writing takes; the rest is measuring."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it; the files are `VIDEO` and `EVIDENCE` in the job's folder."""

    differences: Json
    notes: tuple[str, ...]


def remake(media: Media, content: str, features: Features, wish: Wish) -> Made:
    """Write the film anew, and what was done and came of it. Raises TaskFault for a file without a picture."""
    shots = features.shots or (Shot(0, 0, 0.0, max(features.seconds, 0.04), "start"),)
    seed = seed_of(content, wish)
    upright = lettered(media, content, shots) if wish.flip and not wish.flip_text else ()
    plan = remake_plan.plan(wish, _shape(media), shots, seed, upright)
    written = _written(media, features, plan)
    differences = likeness.measure(
        features,
        media.folder / VIDEO,
        lambda time: None if (new := plan.new_time(time)) is None else new + plan.appended,
        sound=bool(media.facts.get("audio")),
    )
    document = {
        "engine": ENGINE,
        "mode": wish.mode,
        "seed": seed,
        "asked": {name: value for name, value in asdict(wish).items() if name != "warnings"},
        "size": list(plan.size),
        "frames": written.frames,
        "speed": round(plan.speed, 5),
        "pitch": round(plan.pitch, 5),
        "left_out": [[round(begin, 3), round(end, 3)] for begin, end in plan.cuts],
        "appended": plan.appended,
        "scenes": [
            {"start": round(scene.start, 3), "act": act}
            for scene, act in zip(plan.scenes, plan.acts, strict=True)
        ],
        "differences": differences,
    }
    (media.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return Made(differences, written.notes)


def seed_of(content: str, wish: Wish) -> int:
    """The same for the same file and request."""
    asked = {name: value for name, value in asdict(wish).items() if name != "warnings"}
    about = json.dumps([content, asked], sort_keys=True)
    return int.from_bytes(hashlib.sha256(about.encode()).digest()[:6], "big")


def _written(media: Media, features: Features, plan: Plan) -> Written:
    scenes = Scenes(plan.scenes)
    sounding = Sounding(plan.pitch, plan.speed, plan.cuts, plan.appended)
    film = Film(
        plan.size,
        lambda planes, when: paint(planes, scenes.at(when), when, plan.size),
        retime=plan.new_time,
        add_tracks=adder(sounding),
        before=plan.appended,
        after=plan.appended,
    )

    def told(done: float) -> None:
        media.progress(WRITING * done)

    return render(media.source, media.folder / VIDEO, film, features.seconds, told)


def _shape(media: Media) -> Shape:
    width, height = media.size
    stretch = media.aspect if media.turns % 2 == 0 else 1 / media.aspect
    return Shape(
        (width, height),
        (width * min(stretch, 2.0), float(height)) if stretch >= 1 else (width, height / max(stretch, 0.5)),
    )
