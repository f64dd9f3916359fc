"""Known truth of the clips, and the words of a text as speech has them."""

import re

TWO_CITIES = """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was
the epoch of belief, it was the epoch of incredulity, it was the season of light, it was the season of darkness, it was
the spring of hope, it was the winter of despair, we had everything before us, we had nothing before us, we were all
going direct to heaven, we were all going direct the other way; in short, the period was so far like the present
period, that some of its noisiest authorities insisted on its being received, for good or for evil, in the superlative
degree of comparison only.
"""
"""Charles Dickens, 1859; what `two_cities.wav` reads out."""


def spoken_words(text: str) -> str:
    """Lower-case words without punctuation, as word error rates count them."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("’", "'").replace("-", " ")).split())


def begin_of(truth: str, heard: str) -> str:
    """As many words of the truth as were heard of it: a clip may end early."""
    return " ".join(spoken_words(truth).split()[: len(spoken_words(heard).split())])
