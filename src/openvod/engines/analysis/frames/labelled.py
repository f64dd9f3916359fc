"""Which labels does the operator's CLIP give some frames of a film? Remembered by content, model and list of labels."""

from collections.abc import Sequence

from openvod.core import asking
from openvod.core.models import Json
from openvod.engines.analysis.frames import pictures
from openvod.engines.analysis.frames.seen_text import Film
from openvod.engines.providers import clip
from openvod.engines.providers.clip import Label, Named

STEP = "labels/1"


def engine(film: Film) -> str:
    """As results name it; empty where no model is installed."""
    folder = clip.installed(film.models)
    return f"clip {clip.version(folder)}" if folder else ""


def look(film: Film, moments: Sequence[float]) -> dict[float, list[Named]]:
    """The labels of the frame at each moment (seconds), where a model is installed. Raises TaskFault for one that is unfit."""
    if clip.installed(film.models) is None:
        return {}
    about = {"content": film.content, "engine": engine(film), "moments": list(moments)}
    found = asking.once(film.ask, STEP, about, lambda: _looked(film, moments))
    return {
        time: [Named(Label(name, tuple(categories)), sure) for name, categories, sure in rows]
        for time, rows in found["labels"]
    }


def _looked(film: Film, moments: Sequence[float]) -> Json:
    folder = clip.installed(film.models)
    assert folder is not None, "looked for by the caller"
    model = clip.Clip(folder)
    rows = []
    for time, picture in pictures.at(film.source, moments):
        named = model.name([picture])[0]
        rows.append(
            [time, [[each.label.name, list(each.label.categories), each.confidence] for each in named]]
        )
    return {"labels": rows}


def over(labels: dict[float, list[Named]]) -> list[tuple[Named, list[float]]]:
    """The labels of a whole film, the surest first: at its best frame, and the times at which it is named."""
    best: dict[str, Named] = {}
    times: dict[str, list[float]] = {}
    for time, named in labels.items():
        for each in named:
            times.setdefault(each.label.name, []).append(round(time, 3))
            if each.label.name not in best or each.confidence > best[each.label.name].confidence:
                best[each.label.name] = each
    return [(each, times[name]) for name, each in sorted(best.items(), key=lambda item: -item[1].confidence)]
