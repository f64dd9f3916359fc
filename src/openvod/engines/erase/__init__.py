"""How is something taken out of a video's picture, and nothing else touched? From what is wanted to the finished file."""

from openvod.engines.erase.back import Back, Drawn
from openvod.engines.erase.wanted import AreaTime, Wanted
from openvod.engines.erase.work import Done, erase
from openvod.engines.video import Media

__all__ = ["AreaTime", "Back", "Done", "Drawn", "Media", "Wanted", "erase"]
