"""Which remembered results of a step are read outside of media processes, too? Their names and keys in the memory."""

from openvod.core.models import Json

SHOTS = "shots/1"
"""`{"shots": [[start, end, how it begins], ...]}` in seconds; kept beside the features of a video."""


def about_shots(content: str) -> Json:
    """The key for the video whose bytes have this hash."""
    return {"content": content}
