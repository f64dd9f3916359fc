"""What is behind what was burned into a picture? Hidden pixels, filled from the past, the future and from around."""

from openvod.engines.fill.frame import Form, Lifted, Paint, Planes
from openvod.engines.fill.model import ModelError, Painter
from openvod.engines.fill.stream import STANDING, FillStream, Frame, Window, fill_window

__all__ = [
    "STANDING",
    "FillStream",
    "Form",
    "Frame",
    "Lifted",
    "ModelError",
    "Paint",
    "Painter",
    "Planes",
    "Window",
    "fill_window",
]
