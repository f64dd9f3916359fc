"""Where may a subtitle's text be broken, and how much does a break there hurt the reader?

The rules are those that subtitling guides agree on (BBC, Netflix): break after punctuation, before
conjunctions and prepositions; do not part an article from its noun, a title from a name, a number from its unit, a subject
pronoun or an auxiliary from its verb. The word lists are English. Other spaced languages get punctuation and
pauses; Chinese and Japanese get their own rules about which characters may begin or end a line.
"""

import re

SENTENCE, CLAUSE, PLAIN = 0.0, 0.2, 0.7
INSIDE_WORD = 3.0
"""Between two pieces of one word. 0 is the end of a sentence; 1 and more should be avoided."""

_FULL_STOP = "\u3002\uff0e\uff01\uff1f\uff1b"  # full-width . . ! ? ;
_FULL_COMMA = "\u3001\uff0c\uff1a"  # full-width , , :
_FULL_OPENING = "\u300c\u300e\u3010\u300a\u3008\uff08\u3014\uff3b\uff5b“‘"  # brackets and quotation marks
_FULL_CLOSING = "\u300d\u300f\u3011\u300b\u3009\uff09\u3015\uff3d\uff5d”’"
_NEVER_FIRST = (
    "…—\uff5e\u30fb\u30fcぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々\uff05℃"  # by kinsoku, as closing ones
)
FULL_WIDTH_MARKS = _FULL_STOP + _FULL_COMMA + _FULL_CLOSING
"""Punctuation that brings its own space along."""

_CLOSING = "\"')]}»" + _FULL_CLOSING
_OPENING = "\"'([{«" + _FULL_OPENING
_GLYPHS = (
    r"\u2e80-\u2fdf〆〇\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_GLYPH = re.compile(f"[{_GLYPHS}]")
_CLOSERS = FULL_WIDTH_MARKS + _NEVER_FIRST
_SPLIT = re.compile(
    f"[{_FULL_OPENING}]*"
    f"(?:(?![{_CLOSERS}])[{_GLYPHS}]|(?:[^{_GLYPHS}{_FULL_OPENING}{_CLOSERS}]|’(?=[A-Za-z]))+)?"
    rf"[{_CLOSERS},.!?;:)\]]*"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ABBREVIATIONS = _words("mr mrs ms dr prof st rev hon gen col lt sgt capt jr sr vs e.g i.e u.s u.k")
_TITLES = _words(
    "mr mrs ms miss dr prof professor doctor st saint sir lord lady madam madame monsieur mademoiselle "
    "president king queen prince princess captain capt general gen colonel col lt lieutenant sgt "
    "sergeant rev uncle aunt"
)
_DETERMINERS = _words(
    "a an the this these those my your his her its our their some any no every each either neither "
    "another such what which whose one two three four five six seven eight nine ten eleven twelve "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion very too "
    "quite so as more most less"
)
_PREPOSITIONS = _words(
    "of in on at to for from with by about into onto over after under between through during without "
    "against among within upon toward towards across behind beyond near since until till like per "
    "before above below"
)
_CONJUNCTIONS = _words(
    "and but or nor yet because although though while whereas when whenever where if unless that who "
    "whom whose which since until so as before after whether"
)
_COORDINATORS = _words("and but or because if when")
_PRONOUNS = _words("i you he she it we they there who i'm you're he's she's it's we're they're i've")
_AUXILIARIES = _words(
    "is are was were be been being am have has had do does did will would shall should can could may "
    "might must not don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't "
    "shouldn't i'll you'll we'll they'll he'll she'll i'd you'd let's"
)
_ZH_ENCLITIC = frozenset("的了着过们吗呢吧啊么得地呀嘛儿") | frozenset("はがをにでとものへや")
_ZH_PROCLITIC = frozenset("在把被和与或很不没就也都又再更最这那是第每")
_ZH_WORDS = _words(
    "我们 你们 他们 她们 大家 自己 这个 那个 这些 那些 什么 怎么 一个 一些 一样 "
    "一起 现在 今天 明天 昨天 时候 时间 知道 觉得 认为 看到 可以 可能 能够 应该 需要 "
    "必须 没有 不是 就是 还是 已经 正在 开始 进行 使用 问题 工作 公司 中国 但是 因为 "
    "所以 如果 并且 而且 然后 不过 虽然 或者 以及 其实 非常 特别 比如 例如 关于 通过 "
    "由于 对于 根据 首先 最后"
)


def split_unspaced(token: str) -> list[str]:
    """Part a token (text without whitespace) where its script allows it.

    Chinese characters and kana stand alone, each with the punctuation that must not leave it; all else stays
    whole. The parts, put together, are the token.
    """
    return [part for part in _SPLIT.findall(token) if part] if _GLYPH.search(token) else [token]


def hurt(before: str, after: str) -> float:
    """How much a break between two neighbouring words hurts: 0 (between sentences) to about 2."""
    bare = before.rstrip(_CLOSING)
    left = _key(before)
    right = _key(after)
    if not bare or not after.lstrip(_OPENING):
        return PLAIN
    if bare[-1] in "!?;…" + _FULL_STOP or (bare[-1] == "." and not _is_abbreviation(bare)):
        goes_on = after.lstrip(_OPENING)[:1].islower() and bare[-1] != ";"
        return CLAUSE if goes_on else SENTENCE
    if bare[-1] in ",:—–" + _FULL_COMMA or bare.endswith("--"):
        return CLAUSE + (0.3 if _is_number(left) and _is_number(right) else 0.0)
    hold = _hold_of_left(left, bare, after)
    if right in _CONJUNCTIONS and (not hold or (hold < 1 and right in _COORDINATORS)):
        return 0.35  # an auxiliary before `and` has no verb to wait for; `was so far` and `is that` are no joints
    return max(hold, _hold_of_right(right))


def _hold_of_left(left: str, bare: str, after: str) -> float:
    """How tightly a word without punctuation after it is tied to the next one."""
    if _GLYPH.match(bare[-1]) and _GLYPH.match(after[0]):
        return _hold_of_glyphs(bare[-1], after[0])
    names = bare[0].isupper() and after[0].isupper()
    rules = (
        (2.5, names and left in _TITLES),
        (2.0, left in _DETERMINERS),
        (1.5, left in _PREPOSITIONS or left in ("and", "or", "but", "nor", "than")),
        (1.2, _is_number(left) or (names and left not in _PRONOUNS)),
        (1.1, left in _CONJUNCTIONS or left in _PRONOUNS),
        (0.95, left in _AUXILIARIES or left.endswith("ly")),
    )
    return next((hold for hold, applies in rules if applies), 0.0)


def _hold_of_glyphs(left: str, right: str) -> float:
    """How likely a break between two characters of a script without spaces cuts a word."""
    if left in _ZH_PROCLITIC or right in _ZH_ENCLITIC or left + right in _ZH_WORDS:
        return 1.5
    if left in _ZH_ENCLITIC or right in _ZH_PROCLITIC:
        return PLAIN  # surely between two words
    return 1.1


def _hold_of_right(right: str) -> float:
    """How unready a word is to begin a line."""
    if right in ("than", "me", "him", "us", "them"):
        return 1.1  # rather than, told us
    if right in _PREPOSITIONS:
        return 0.65 if right == "of" else 0.5
    return PLAIN


def _key(word: str) -> str:
    return word.strip(_CLOSING + _OPENING + ".,;:!?—–-").lower().replace("’", "'")


def _is_number(key: str) -> bool:
    return key[:1].isdigit() or key[1:2].isdigit()


def _is_abbreviation(bare: str) -> bool:
    """`Mr.`, `U.S.`, and the initial in `J. Smith`."""
    key = _key(bare)
    return key in _ABBREVIATIONS or (len(key) == 1 and key.isalpha() and bare[:1].isupper() and key != "i")
