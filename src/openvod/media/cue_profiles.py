"""Which figures make up a house style of subtitles, and which style does a request ask for?

The figures are those that the houses publish. Netflix: Timed Text Style Guide, general requirements, timing
guidelines and the guides of each language (42 characters, 16 full-width ones; 20 characters a second, 9 in Chinese,
12 in Korean; 5/6 s to 7 s; two frames between cues, shorter gaps than half a second closed; at most half a second
after the voice; within 7 frames of a shot change onto it, else half a second clear of it). BBC: Subtitle Guidelines
(37 characters of Teletext, which is 68 % of the width; 160 to 180 words a minute, so 0.3 s a word, which is 17
characters a second; gaps of at least a second, at most
1.5 s after the voice, of which we use one; cues that begin and end with the shot). `short-video` is our own:
what clips on phones show, one short line at a time.
"""

import unicodedata
from dataclasses import dataclass

from openvod.core.errors import TaskFault
from openvod.core.extended_parameter import parsed

DEFAULT = "netflix"


@dataclass(frozen=True, slots=True)
class Profile:
    """A house style. Times in seconds; characters include spaces."""

    name: str
    max_lines: int = 2
    """1 or 2."""
    max_chars: int = 42
    """Of a line without full-width characters."""
    max_chars_cjk: int = 16
    """Full-width characters of a line; a half-width one beside them counts as half of one."""
    max_seconds: float = 7.0
    max_pause_seconds: float = 1.0
    """A cue never runs across a longer silence."""
    min_seconds: float = 5 / 6
    max_cps: float = 20.0
    """Reading speed in characters per second."""
    max_cps_cjk: float = 9.0
    """Of full-width characters; in a mixed text each character takes its own time."""
    max_cps_hangul: float = 12.0
    """Of Korean syllables, which are full-width too but spell a word in fewer strokes of the eye."""
    linger_seconds: float = 0.5
    """How long a cue may stay after its last word."""
    lead_seconds: float = 0.1
    """How long a cue may come before its first word."""
    late_seconds: float = 0.1
    """How long a cue may come after its first word has begun."""
    min_gap_seconds: float = 2 / 24
    """Between two cues that are not joined: two frames of film, which the eye needs to see the change."""
    chain_seconds: float = 0.5
    """A shorter gap would flicker: it is closed to none, or to `min_gap_seconds`."""
    bottom_heavy: float = 0.3
    """How much a top line that is longer than the bottom one is disliked; 0 is not at all."""
    cut_pull_seconds: float = 7 / 24
    """A cue that begins or ends this near to a shot change does so with it; the voice may lose that much."""
    cut_clear_seconds: float = 0.5
    """Nothing begins or ends nearer to a shot change, unless with it; 0 turns the rule off."""

    def __post_init__(self) -> None:
        speeds = (self.max_cps, self.max_cps_cjk, self.max_cps_hangul)
        if self.max_lines not in (1, 2) or self.max_chars < 1 or self.max_chars_cjk < 1:
            raise ValueError("a profile has one or two lines of at least one character")
        if self.min_seconds <= 0 or self.max_seconds < max(1.0, self.min_seconds) or min(speeds) <= 0:
            raise ValueError("a profile's cues may last at least a second, and can be read at some speed")

    def fits(self, line: str) -> bool:
        """Whether the text may stand on one line."""
        wide = units(line) - len(line)
        return len(line) <= self.max_chars and (not wide or len(line) + wide <= 2 * self.max_chars_cjk)

    def reading_ms(self, text: str) -> float:
        """Milliseconds that reading the text takes at the highest speed allowed."""
        if text.isascii():
            return len(text) * 1000 / self.max_cps
        wide = [character for character in text if unicodedata.east_asian_width(character) in "WF"]
        hangul = sum("\uac00" <= character <= "\ud7a3" for character in wide)
        shares = (len(text) - len(wide), self.max_cps), (len(wide) - hangul, self.max_cps_cjk)
        return sum(1000 * count / speed for count, speed in (*shares, (hangul, self.max_cps_hangul)))


def units(text: str) -> int:
    """Width in half-width columns: a full-width character takes two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("netflix"),
        Profile(
            "bbc",
            max_chars=37,
            max_cps=17.0,
            min_seconds=1.0,
            linger_seconds=1.0,
            chain_seconds=1.0,
            bottom_heavy=0.0,
            cut_pull_seconds=0.25,
        ),
        Profile(
            "short-video",
            max_lines=1,
            max_chars=24,
            max_chars_cjk=12,
            max_seconds=4.0,
            min_seconds=0.6,
            linger_seconds=0.3,
            chain_seconds=0.3,
            cut_pull_seconds=0.15,
            cut_clear_seconds=0.0,
        ),
    )
}


def chosen(ext_info: str, setting: str = DEFAULT) -> Profile:
    """The profile that a request's ExtInfo names (`{"profile": "bbc"}`), else the operator's.

    Raises TaskFault for one that does not exist, and for an ExtInfo that is not a JSON object.
    """
    name = parsed(ext_info, "ExtInfo").get("profile", setting)
    profile = PROFILES.get(name) if isinstance(name, str) else None
    if profile is None:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/cue-profile",
            profile=str(name)[:80],
            profiles=", ".join(PROFILES),
        )
    return profile
