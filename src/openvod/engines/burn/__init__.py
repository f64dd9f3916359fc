"""How do subtitles get into the picture itself? From cues and a style to a new video and a still of it."""

from openvod.engines.burn.setting import Placed
from openvod.engines.burn.style import Style, of_template
from openvod.engines.burn.work import ENGINE, Burned, burn
from openvod.engines.video import Media

__all__ = ["ENGINE", "Burned", "Media", "Placed", "Style", "burn", "of_template"]
