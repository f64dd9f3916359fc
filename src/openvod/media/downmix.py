"""Do a stereo frame's channels cancel each other out when they are mixed? Then one of them has to stand for both.

A microphone wired the wrong way round gives two channels that are each other's negative. On two loudspeakers that
sounds odd; mixed to mono it is silence, and speech recognition would find that nobody speaks.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import av

CANCELLED = 0.03
"""Share of the channels' power that is left in their mix. Equal channels leave 1, unrelated ones a half."""
STRIDE = 4
"""Every fourth sample says as much about power as all of them."""


def mixable(frame: "av.AudioFrame") -> "av.AudioFrame":
    """The same frame, or, when its two channels cancel out, one with the louder channel in both places.

    Frames are judged one by one, so a stretch of a file sounds the same wherever decoding began.
    """
    if len(frame.layout.channels) != 2:
        return frame
    samples = frame.to_ndarray()
    channels = samples if frame.format.is_planar else samples.reshape(-1, 2).T
    loud = _louder(channels[:, ::STRIDE].astype(np.float32))
    return frame if loud is None else _doubled(frame, samples, channels[loud])


def _louder(channels: NDArray[np.float32]) -> int | None:
    """The number of the louder channel if the two cancel out."""
    swings = channels - channels.mean(
        axis=1, keepdims=True
    )  # unsigned formats swing around half of their range
    powers = np.square(swings).mean(axis=1)
    mixed = np.square(swings.mean(axis=0)).mean()
    return int(powers.argmax()) if mixed < CANCELLED * powers.mean() else None


def _doubled(
    frame: "av.AudioFrame", samples: NDArray[np.generic], channel: NDArray[np.generic]
) -> "av.AudioFrame":
    import av  # noqa: PLC0415

    both = np.stack([channel, channel], axis=0 if frame.format.is_planar else 1).reshape(samples.shape)
    result = av.AudioFrame.from_ndarray(np.ascontiguousarray(both), frame.format.name, frame.layout.name)
    result.sample_rate = frame.sample_rate
    return result
