"""Could this text be a licence plate? Forms of plates, with the mistakes that readers make."""

import re

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
"""First character of a plate in China; GA 36-2018."""
_SPECIAL = "挂学警港澳领使"
_BETWEEN = re.compile(r"[\s·•・.\-_:|'’*°,]+")

STRONG: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("China", re.compile(rf"[{PROVINCES}][A-Z][A-Z0-9]{{4,6}}[{_SPECIAL}]?")),
    ("United Kingdom", re.compile(r"[A-Z]{2}\d{2}[A-Z]{3}")),
    ("France, Italy", re.compile(r"[A-Z]{2}\d{3}[A-Z]{2}")),
    ("Spain", re.compile(r"\d{4}[BCDFGHJKLMNPRSTVWXYZ]{3}")),
    ("Netherlands", re.compile(r"[A-Z]{1,2}\d{3}[A-Z]{1,2}|\d{1,2}[A-Z]{3}\d{1,2}|\d{2}[A-Z]{2,3}\d{1,2}")),
    ("Poland", re.compile(r"[A-Z]{2,3}\d{4,5}|[A-Z]{2,3}\d{3}[A-Z]{2}")),
    ("Czechia", re.compile(r"\d[A-Z]{1,2}\d{4}|\d[A-Z]\d[A-Z0-9]\d{3}")),
    ("Germany, Austria", re.compile(r"[A-ZÄÖÜ]{2,5}\d{2,4}[EH]?|[A-Z]{1,2}\d{3,5}[A-Z]{1,2}")),
    ("United States", re.compile(r"\d[A-Z]{3}\d{3}|[A-Z]{3}\d{3,4}|\d{3}[A-Z]{3}|[A-Z]{2,3}\d{4,5}")),
    ("Brazil, Mercosur", re.compile(r"[A-Z]{3}\d[A-Z]\d{2}|[A-Z]{2}\d{3}[A-Z]{2}")),
    ("Russia", re.compile(r"[ABEKMHOPCTYX]\d{3}[ABEKMHOPCTYX]{2}\d{2,3}")),
    ("India", re.compile(r"[A-Z]{2}\d{1,2}[A-Z]{1,3}\d{4}")),
    ("China, province unread", re.compile(rf"[A-Z](?=[A-Z0-9]*\d)[A-Z0-9]{{5,6}}[{_SPECIAL}]?")),
)
NOT_PLATES = re.compile(
    r"(?:FULL)?U?HD\d*|\d{3,4}[PIKX]\d*|MP\d|H26\d|AV1|COVID19|[A-Z]+20[12]\d|20[12]\d[A-Z]+"
)
"""Common short texts of letters and figures on screens."""


def bare(text: str) -> str:
    """Upper case, without what stands between the groups of a plate."""
    return _BETWEEN.sub("", text.upper())


def score(text: str) -> float:
    """How much a text looks like a plate's: 1 a plate of China with its province, 0.7 a known form, 0.4 five to nine
    letters and figures mixed, 0 anything else."""
    plain = bare(text)
    if not 4 <= len(plain) <= 10 or NOT_PLATES.fullmatch(plain) or text != text.upper():
        return 0.0
    digits = sum(sign.isascii() and sign.isdigit() for sign in plain)
    if digits == 0 or not all(sign.isalnum() for sign in plain):
        return 0.0
    for name, form in STRONG:
        if form.fullmatch(plain):
            return 1.0 if name == "China" else 0.7
    letters = sum(sign.isascii() and sign.isalpha() for sign in plain)
    mixed = letters + digits == len(plain) and letters >= 1 and digits >= 2
    return 0.4 if mixed and 5 <= len(plain) <= 9 else 0.0
