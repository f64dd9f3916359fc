"""How is something taken out of a video's picture, and nothing else touched? From what is wanted to the finished file."""

from openvod.engines.erase.wanted import AreaTime, Wanted
from openvod.engines.erase.work import Done, Media, erase

__all__ = ["AreaTime", "Done", "Media", "Wanted", "erase"]
