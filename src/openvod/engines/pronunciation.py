"""How is a written English word said? Spoken forms of numbers and signs, and sounds for words no dictionary has."""

import re

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
"""From twenty on."""
SPOKEN = {
    "mr": ["mister"],
    "mrs": ["missus"],
    "dr": ["doctor"],
    "st": ["saint"],
    "vs": ["versus"],
    "etc": ["et", "cetera"],
}
SIGNS = {
    "%": "percent",
    "&": "and",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "$": "dollars",
    "£": "pounds",
    "€": "euros",
}

SOUNDS = {
    # Longest spelling first wins; sounds are those of the CMU dictionary.
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "eigh": "EY", "augh": "AO", "tch": "CH", "sch": "S K", "igh": "AY",
    "dge": "JH", "eau": "OW", "oor": "AO R", "ear": "IH R", "air": "EH R", "are": "EH R", "ire": "AY ER", "ure": "Y ER",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W", "gh": "G", "kn": "N",
    "wr": "R", "ps": "P S", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "oi": "OY", "oy": "OY", "ai": "EY",
    "ay": "EY", "au": "AO", "aw": "AO", "ei": "EY", "ey": "IY", "ie": "IY", "oa": "OW", "oe": "OW", "ue": "UW", "ui": "UW",
    "ew": "Y UW", "ar": "AA R", "er": "ER", "ir": "ER", "or": "AO R", "ur": "ER", "bb": "B", "cc": "K", "dd": "D",
    "ff": "F", "gg": "G", "ll": "L", "mm": "M", "nn": "N", "pp": "P", "rr": "R", "ss": "S", "tt": "T", "zz": "Z",
    "ce": "S", "ci": "S IH", "cy": "S IY", "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G",
    "h": "HH", "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
SPELLING = re.compile("|".join(sorted(SOUNDS, key=len, reverse=True)))


def spoken(word: str) -> list[str]:
    """The words that are said for one written word, lower case: `1,050%` is "one thousand fifty percent".

    Empty for punctuation alone.
    """
    said: list[str] = []
    for part in re.findall(r"[0-9][0-9,]*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%&+=@$£€]", word.lower()):
        if part[0] in "0123456789":
            said += _number(part)
        elif part in SIGNS:
            said.append(SIGNS[part])
        else:
            said += SPOKEN.get(part, [part.replace("’", "'")])
    return said


def sounds(word: str) -> str:
    """A guess at the sounds of a word, by its letters: good enough to find where it is said."""
    letters = re.sub(r"[^a-z]", "", word)
    if len(letters) > 3 and letters.endswith("e") and letters[-2] not in "aeiou":
        letters = letters[:-1]
    return " ".join(SOUNDS[part] for part in SPELLING.findall(letters)) or "AH"


def _number(digits: str) -> list[str]:
    value = int(digits.replace(",", ""))
    if len(digits) > 9 or (digits[0] == "0" and len(digits) > 1):
        return [ONES[int(digit)] for digit in digits if digit != ","]
    if "," not in digits and (1100 <= value < 2000 or 2010 <= value < 2100):
        return _below_hundred(value // 100) + (_below_hundred(value % 100) if value % 100 else ["hundred"])
    said: list[str] = []
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            said += [*_number(str(value // size)), name]
            value %= size
    return said + (_below_hundred(value) if value or not said else [])


def _below_hundred(value: int) -> list[str]:
    if value < 20:
        return [ONES[value]]
    return [TENS[value // 10 - 2], *([ONES[value % 10]] if value % 10 else [])]
