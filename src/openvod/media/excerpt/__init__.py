"""How is a stretch cut out of a video, exact to the frame? And how do several become one clip?

    original = excerpt.examine(source, work)
    made = excerpt.cut(original, [original.between(12.0, 31.5)], target, work)

Of H.264 only the edges are encoded anew, up to where a decoder can begin, and what lies between is copied; so is the sound
of a single stretch. Everything else is encoded anew. Nothing here opens media: `Work.call` starts media processes.
"""

from openvod.media.excerpt.cutting import Excerpt, cut
from openvod.media.excerpt.original import Original, examine
from openvod.media.excerpt.stills import stills
from openvod.media.rewrite import FrameRange, Work

__all__ = ["Excerpt", "FrameRange", "Original", "Work", "cut", "examine", "stills"]
