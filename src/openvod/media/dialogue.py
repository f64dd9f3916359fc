"""Which lines of a cue are one text, and which are two speakers'? And how do they stand when the words are others?

Subtitlers begin each line with a dash where two people speak in one cue. Everything else that is broken over lines is
one text, which another language breaks elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from openvod.media.captions import Cue
from openvod.media.cue_profiles import DEFAULT, PROFILES, Profile
from openvod.media.cue_retext import bilingual, relaid
from openvod.media.line_breaks import split_unspaced

_DASH = re.compile(r"[-‐‑–—―]\s*(?=\S)")


def parts(lines: Sequence[str]) -> tuple[str, ...]:
    """The texts of a cue: one, or with dashes one for each speaker."""
    if len(lines) > 1 and all(_DASH.match(line) for line in lines):
        return tuple(lines)
    return (joined(lines),) if lines else ()


def undashed(text: str) -> tuple[str, str]:
    """A speaker's dash, with the space after it, and the words: what translates should not have to keep the dash."""
    found = _DASH.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def joined(lines: Sequence[str]) -> str:
    """Lines as one text: with a space between, but for scripts that have none."""
    text = ""
    for line in lines:
        tight = bool(text) and len(split_unspaced(text[-1] + line[:1])) > 1
        text += line if not text or tight else f" {line}"
    return text


def in_lines(texts: Sequence[str], profile: Profile = PROFILES[DEFAULT]) -> tuple[str, ...]:
    """The texts of one cue broken into lines: as many as it takes, for a file whose cues must stay as they are."""
    cue = Cue(0.0, 3600.0, ())
    return tuple(line for text in texts for part in relaid(cue, text, profile) for line in part.lines)


def reset(
    cue: Cue, texts: Sequence[str], profile: Profile = PROFILES[DEFAULT], above: Sequence[str] = ()
) -> list[Cue]:
    """The cue with other texts, in the profile's lines: one cue, or several that share its time if the lines are full.

    With `above`, the texts that they translate, these stand over them: each language has the profile's lines.
    """
    languages = [said for said in (above, texts) if said]
    lines = [in_lines(said, profile) for said in languages]
    if len(texts) > 1 and all(len(each) <= profile.max_lines for each in lines):
        return [replace(cue, lines=tuple(line for each in lines for line in each))]
    if len(languages) > 1:
        return bilingual(cue, [joined(said) for said in languages], profile)
    return relaid(cue, joined(texts), profile)
