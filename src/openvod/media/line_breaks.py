"""Where may a subtitle's text be broken, and how much does a break there hurt the reader?

The rules are those that subtitling guides agree on (BBC, Netflix): break after punctuation, before
conjunctions and prepositions; do not part an article from its noun, a title from a name, a number from its unit, a subject
pronoun or an auxiliary from its verb. The word lists are English, with the articles and small words of six other
languages where they are no English words. Chinese and Japanese get their own rules about which characters may begin
or end a line; Thai and its neighbours, which write vowels before the consonant they follow in speech, break there.
"""

import re
import unicodedata
from collections.abc import Iterator

SENTENCE, CLAUSE, PLAIN = 0.0, 0.2, 0.7
UNKNOWN = 0.98
"""Between two Chinese characters that may or may not be one word."""
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

_JOINER = "\u200d"
_CLOSING = "\"')]}»" + _FULL_CLOSING
_OPENING = "\"'([{«" + _FULL_OPENING
_GLYPHS = (
    r"\u2e80-\u2fdf〆〇\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_GLYPH = re.compile(f"[{_GLYPHS}]")
_PREPOSED = "เ-ไເ-ໄ"
"""Vowels of Thai and Lao that begin a syllable."""
_SYLLABLE = re.compile(f"[{_PREPOSED}]?[^{_PREPOSED}]+|[{_PREPOSED}]")
_THAI = re.compile("[\u0e00-\u0eff]")
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
    "quite so as more most less several many few only just even not never "
    "el la los las un una unos unas le les du des der das den dem ein eine einen einem einer os um uma il lo gli "
    "mein dein sein ihr mi tu su sus mon ma ses meu minha seu sua muy très sehr muito"
)
_PREPOSITIONS = _words(
    "of in on at to for from with by about into onto over after under between through during without "
    "against among within upon toward towards across behind beyond near since until till like per "
    "before above below de del al en con por para sin sobre à au aux dans pour avec sur von zu mit für im zum zur bei "
    "nach da das dos na nas nos em com sem di da per nel"
)
_CONJUNCTIONS = _words(
    "and but or nor yet because although though while whereas when whenever where if unless that who "
    "whom whose which since until so as before after whether what how why y e o u pero que porque "
    "und oder aber dass weil wenn et ou mais mas se si"
)
_COORDINATORS = _words("and but or because if when y pero und oder aber et ou mais")
_PRONOUNS = _words(
    "i you he she it we they there who i'm you're he's she's it's we're they're i've you've we've they've that's "
    "there's what's who's here's je il elle nous vous ils elles ich du er sie wir eu ele ela yo él ella"
)
_AUXILIARIES = _words(
    "is are was were be been being am have has had do does did will would shall should can could may "
    "might must not don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't "
    "shouldn't i'll you'll we'll they'll he'll she'll i'd you'd let's"
)
_TIED_LEFT = _words(
    "than me him us them myself yourself himself herself itself ourselves themselves percent too either anyway though"
)
_ADJECTIVES = _words(
    "new good great big small large little old young long short high low early late last next first second third "
    "fourth fifth same different own other main whole full real true right wrong hard easy strong weak hot cold warm "
    "cool thin thick wide narrow deep heavy light dark bright black white red blue green yellow brown grey gray rich "
    "poor free safe quick fast slow quiet loud happy sad nice bad better best worse worst important public private "
    "political social national international local human special general certain clear current final recent simple "
    "single common major minor full-time british american english french german chinese european super pretty extra "
    "wonderful beautiful terrible huge tiny enormous ancient modern daily weekly annual former upper lower inner outer"
)
_NUMBERED = _words(
    "number page chapter room step part section figure point line level season episode version route"
)
_NUMBERS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion"
)
_NO_NOUNS = _CONJUNCTIONS | _PREPOSITIONS | _AUXILIARIES
_BEGINNERS = _words(
    "i we they he she i'm we're they're he's she's i've we've they've i'll we'll they'll he'll she'll"
)
_PARTICLES = _words("up out off down away back along apart around forward together")
_ZH_ENCLITIC = frozenset("的了着过们吗呢吧啊么得地呀嘛儿")
_JA_PARTICLE = frozenset("はがをにでとものへやねよか")
_ZH_PROCLITIC = frozenset("在把被和与或很不没就也都又再更最这那是第每")
_ZH_WORDS = _words(
    "我们 你们 他们 她们 大家 自己 这个 那个 这些 那些 什么 怎么 一个 一些 一样 "
    "一起 现在 今天 明天 昨天 时候 时间 知道 觉得 认为 看到 可以 可能 能够 应该 需要 "
    "必须 没有 不是 就是 还是 已经 正在 开始 进行 使用 问题 工作 公司 中国 但是 因为 "
    "所以 如果 并且 而且 然后 不过 虽然 或者 以及 其实 非常 特别 比如 例如 关于 通过 "
    "由于 对于 根据 首先 最后 东西 事情 朋友 孩子 老师 学生 学习 学校 医生 医院 先生 女士 小姐 "
    "世界 国家 社会 经济 发展 政府 市场 企业 技术 科学 研究 数据 系统 信息 网络 电脑 手机 "
    "电话 视频 音乐 电影 城市 北京 上海 美国 日本 英国 生活 人们 历史 文化 教育 方法 方式 "
    "情况 关系 影响 作用 结果 原因 目的 重要 主要 不同 一般 一定 一直 一下 一点 一次 一切 "
    "只有 只是 只要 只能 而是 或是 要是 于是 甚至 几乎 完全 十分 更加 越来 来越 起来 出来 "
    "下来 过来 回来 出去 进去 希望 喜欢 告诉 发现 成为 变成 形成 作为 认识 了解 理解 明白 "
    "相信 决定 准备 继续 完成 实现 提高 增加 减少 改变 解决 处理 分析 介绍 说明 表示 包括 "
    "选择 参加 帮助 支持 保护 管理 控制 服务 产品 客户 用户 价格 时代 年轻 简单 复杂 困难 "
    "容易 快速 安全 健康 美丽 高兴 快乐 幸福 今年 去年 明年 上午 下午 晚上 早上 中午 星期 "
    "分钟 小时 地方 里面 外面 上面 下面 前面 后面 中间 附近 左右 以上 以下 以前 以后 之间 "
    "之后 之前 其中 其他 任何 所有 每个 许多 很多 多少 怎样 如何 哪里 这里 那里 这样 那样 "
    "同时 同样 当时 当然 突然 终于 刚才 刚刚 马上 立刻 经常 常常 总是 从来 永远 也许 大概 "
    "到底 究竟 确实 真的 实在 谢谢 再见 欢迎 请问 对不 不起 没关"
)
_HONORIFIC = frozenset("お御ご")


def split_unspaced(token: str) -> list[str]:
    """Part a token (text without whitespace) where its script allows it.

    Chinese characters and kana stand alone, each with the punctuation that must not leave it; Thai and Lao are parted
    before the vowels that begin a syllable; all else stays whole. The parts, put together, are the token.
    """
    if _GLYPH.search(token):
        return [part for part in _SPLIT.findall(token) if part]
    return _SYLLABLE.findall(token) if is_syllabic(token) else [token]


def is_syllabic(token: str) -> bool:
    """Whether it is Thai or Lao, written without spaces between words, and in no other unspaced script."""
    return bool(_THAI.search(token)) and not _GLYPH.search(token)


def clusters(text: str) -> Iterator[str]:
    """The text in its smallest parts that a reader sees: a letter with its accents, a joined emoji."""
    held = ""
    for character in text:
        extends = unicodedata.category(character)[0] == "M" or character == _JOINER
        if held and not extends and held[-1] != _JOINER:
            yield held
            held = ""
        held += character
    if held:
        yield held


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
    hold = _hold_of_left(left, right, bare, after)
    if right in _CONJUNCTIONS and left in ("you", "it"):
        return 0.35  # no subject here
    if right in _CONJUNCTIONS and (not hold or (hold < 1 and right in _COORDINATORS)):
        return 0.35  # an auxiliary before `and` has no verb to wait for; `was so far` and `is that` are no joints
    return max(hold, _hold_of_right(right))


def _hold_of_left(left: str, right: str, bare: str, after: str) -> float:
    """How tightly a word without punctuation after it is tied to the next one."""
    if _GLYPH.match(bare[-1]) and _GLYPH.match(after[0]):
        return _hold_of_glyphs(bare[-1], after[0])
    names = bare[0].isupper() and after[0].isupper()
    rules = (
        (2.5, names and left in _TITLES),
        (2.0, left in _DETERMINERS),
        (1.5, left in _PREPOSITIONS or left in ("and", "or", "but", "nor", "than")),
        (1.2, _is_number(left) or (names and left not in _PRONOUNS)),
        (0.6, left in ("you", "it") and (right in _PREPOSITIONS or right == "not")),  # it is no subject
        (1.1, left in _CONJUNCTIONS or left in _PRONOUNS),
        (1.3, left in _NUMBERED and (right in _NUMBERS or _is_number(right))),
        (1.05, left in _ADJECTIVES and right not in _NO_NOUNS),
        (1.2, left.endswith(("'s", "s'")) and left not in _PRONOUNS),
        (0.95, left in _AUXILIARIES or left.endswith(("ly", "ous", "ful", "able", "ible"))),
    )
    return next((hold for hold, applies in rules if applies), 0.0)


def _hold_of_glyphs(left: str, right: str) -> float:
    """How likely a break between two characters of a script without spaces cuts a word."""
    if left in _HONORIFIC or left + right in _ZH_WORDS:
        return 1.5
    if _is_kana(left) or _is_kana(right):
        return _hold_of_kana(left, right)
    if left in _ZH_PROCLITIC or right in _ZH_ENCLITIC:
        return 1.5
    if left in _ZH_ENCLITIC or right in _ZH_PROCLITIC:
        return PLAIN  # surely between two words
    return UNKNOWN


def _hold_of_kana(left: str, right: str) -> float:
    """Japanese phrases begin with a Chinese character or katakana and end in hiragana, mostly a particle."""
    if _is_hiragana(left) and not _is_hiragana(right):
        return 0.6 if left in _JA_PARTICLE else 0.9
    if _is_hiragana(left):
        return 1.3 if right in _JA_PARTICLE else UNKNOWN
    return 1.5  # a stem and its ending, a noun and its particle, the inside of a word in katakana


def _is_hiragana(glyph: str) -> bool:
    return "\u3041" <= glyph <= "\u309f"


def _is_kana(glyph: str) -> bool:
    return "\u3041" <= glyph <= "\u30ff"


def _hold_of_right(right: str) -> float:
    """How unready a word is to begin a line."""
    if right in _TIED_LEFT:
        return 1.1  # rather than, told us
    if right in _PARTICLES:
        return 0.9  # give up
    if right in _BEGINNERS:
        return 0.55
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
