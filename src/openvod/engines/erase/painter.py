"""Does the model folder hold a filler of the user's own? Any ONNX model with LaMa's inputs, see `fill.model`.

The file is `inpainter/model.onnx`. It paints what no other frame shows; without it that is filled smoothly from around.
"""

from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines.fill import ModelError, Paint, Painter
from openvod.engines.fill.frame import from_around

FOLDER, FILE = "inpainter", "model.onnx"
PAINTING = Text("painting what no other frame shows", "补全任何帧都未显示的画面")


def path(models: Path) -> str:
    """Where it is; empty when there is none."""
    found = models / FOLDER / FILE
    return str(found.resolve()) if found.is_file() else ""


def load(model: str) -> Paint:
    """What `path` gave, ready to paint. Raises TaskFault when the file is no such model."""
    if not model:
        return from_around
    try:
        return Painter(Path(model))
    except ModelError as error:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/model-form", what=PAINTING, model=FOLDER
        ) from error
