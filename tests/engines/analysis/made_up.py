"""Made-up talks of known subjects, as a recogniser would give them."""

from openvod.core.models import Utterance, Word

OCEAN = """Today we look at the oceans and their currents. The Gulf Stream carries warm water across the Atlantic ocean.
Ocean currents are driven by wind and by salt. Warm currents make the winters of Europe mild. Without the Gulf Stream the
ocean would cool the coast of Norway. The currents also carry fish and plankton."""
BREAD = """Now let us bake a bread. Mix the flour with water and a pinch of salt. Let the dough rest for two hours in a warm
kitchen. Knead the dough until it is smooth. Bake the bread in a hot oven for forty minutes. A good crust needs steam in the
oven. The bread is done when the crust sounds hollow."""
PIANO = """Our last subject is the piano. The piano was invented in Italy by Bartolomeo Cristofori. A piano has more than two
hundred strings. The hammers of the piano strike the strings. A concert piano must be tuned before every concert. Tuning the
strings takes an hour."""
HOLES = (
    "今天我们来聊一聊黑洞。黑洞是宇宙中最神秘的天体之一。黑洞的引力非常强,连光也无法逃脱。"
    "科学家通过引力波探测到了黑洞合并。引力波是爱因斯坦在一百年前预言的。引力波探测器非常灵敏。"
)
PORK = (
    "接下来我们做一道红烧肉。红烧肉要选五花肉。先把五花肉切成小块。"
    "然后放入锅里,加酱油和冰糖。红烧肉需要小火慢炖一个小时。五花肉炖好以后味道很香。"
)
CARS = (
    "最后说说电动汽车。电动汽车的电池越来越便宜。"
    "电池的续航已经超过六百公里。充电站也越来越多。电动汽车的销量今年增长了一倍。"
)
PACE = 4.0
"""Seconds from the beginning of one sentence to that of the next, all but 0.6 of them speech."""


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    flat = " ".join(text.split())
    mark = "。" if "。" in flat else "."
    return [part.strip() + mark for part in flat.split(mark) if part.strip()]


def talk(*texts: str, with_words: bool = False) -> tuple[Utterance, ...]:
    """One sentence after the other, in utterances."""
    said = [sentence for text in texts for sentence in sentences(text)]
    return tuple(utterance(number * PACE, sentence, with_words) for number, sentence in enumerate(said))


def utterance(start: float, text: str, with_words: bool = False) -> Utterance:
    """A sentence in PACE - 0.6 seconds."""
    length = PACE - 0.6
    words: tuple[Word, ...] = ()
    if with_words:
        parts = text.split()
        step = length / len(parts)
        words = tuple(Word(part, start + n * step, start + (n + 1) * step) for n, part in enumerate(parts))
    return Utterance(start, start + length, text, 90.0, words)


def begins(*texts: str) -> list[float]:
    """When each of the texts begins, and the end."""
    edges = [0.0]
    for text in texts:
        edges.append(edges[-1] + PACE * len(sentences(text)))
    return edges
