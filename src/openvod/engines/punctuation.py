"""How is a recogniser's text written properly? Its words stay; doubled marks go, and sentences begin with a capital.

Short chunks are recognised one by one and the network that writes them joins clauses carelessly: `In short,, the period`
or `the spring of hope. it was`. Cues are laid out word by word and change nothing, so it is done here, before.
"""

import re

_DOUBLED = re.compile(r"([,;:])[,;:]+|(?<!\.)\.,?\.(?!\.)|,+([.?!])|([?!])[,.]")
"""`,,` and `;,`; two full stops, which are no ellipsis; a comma before or after the end of a sentence."""
_STARTS = re.compile(r"(?<=[.?!] )([a-z])")
_SHORTENED = frozenset("mr mrs ms dr st jr sr vs etc no vol fig approx e.g i.e a.m p.m u.s u.k".split())  # noqa: SIM905
"""What a full stop may follow without ending a sentence; so may it follow a single letter."""


def tidy(text: str) -> str:
    """The text with single marks and capitals after full stops; words, spaces and all else stay as they are."""
    return _STARTS.sub(_capital, _DOUBLED.sub(_single, text))


def _single(found: re.Match[str]) -> str:
    return found[1] or found[2] or found[3] or "."


def _capital(found: re.Match[str]) -> str:
    before = found.string[: found.start()].split()[-1].strip("\"'([").lower()
    plain = before.removesuffix(".")
    continues = before.endswith("...") or (
        before.endswith(".") and (plain in _SHORTENED or (len(plain) == 1 and plain.isalpha()))
    )
    return found[1] if continues else found[1].upper()
