"""Which texts lie on the picture of a film, where, and in which frames exactly? Subtitles, logos, scene text."""

from openvod.engines.screen_text.finder import Finder, find
from openvod.engines.screen_text.found import Area, FoundText, Glass, Kind, Mask, TextLine, coded_mask

__all__ = ["Area", "Finder", "FoundText", "Glass", "Kind", "Mask", "TextLine", "coded_mask", "find"]
