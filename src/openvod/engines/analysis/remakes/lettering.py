"""In which shots is there text? Mirrored, it would be seen at once that the film is another one."""

from collections.abc import Sequence

from openvod.core.errors import TaskFault
from openvod.engines.analysis.frames import seen_text
from openvod.engines.features import Shot
from openvod.engines.video import Media

PLACES = (0.3, 0.7)
"""Where in a shot is looked, as shares of its length."""


def lettered(media: Media, content: str, shots: Sequence[Shot]) -> list[bool]:
    """For each shot, whether text was read in it; where the model for it is not installed, it may be in any."""
    moments = {
        round(shot.start + place * (shot.end - shot.start), 3): number
        for number, shot in enumerate(shots)
        for place in PLACES
    }
    film = seen_text.Film(media.source, content, media.models, media.ask)
    try:
        seen = seen_text.look(film, sorted(moments))
    except TaskFault as fault:
        if fault.code != "InvalidInput.ConfigurationUnsupported":
            raise
        return [True] * len(shots)
    found = {moments[each.time] for each in seen if each.lines}
    return [number in found for number in range(len(shots))]
