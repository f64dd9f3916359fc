"""What does the `mvc` of an ExtendedParameter ask for? What is to be understood of a file, and by what."""

from dataclasses import dataclass

from openvod.core import extended_parameter
from openvod.core.models import Json

LONGEST_PROMPT = 4000
"""Characters of the client's question."""
MODES = ("video", "audio")


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    prompt: str = ""
    """The client's own question; empty: what happens in the file."""
    looks: bool = True
    """Whether the picture counts (`mode` `video`), or the sound alone."""
    compares: bool = False
    """Whether a second file was given (`extendData`)."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object."""
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    mvc = extended_parameter.section(given, "mvc")
    warnings = [f"ExtendedParameter: `{key}` means nothing to comprehension" for key in given if key != "mvc"]
    mode, prompt = mvc.get("mode", "video"), mvc.get("prompt", "")
    if mode not in MODES:
        warnings.append(f"ExtendedParameter: `mvc.mode` is `video` or `audio`, not {str(mode)[:40]!r}")
    return Wish(
        prompt=prompt.strip()[:LONGEST_PROMPT] if isinstance(prompt, str) else "",
        looks=mode != "audio",
        compares=bool(mvc.get("extendData")),
        warnings=tuple(warnings),
    )
