"""A Vosk model of a few hundred bytes that really hears: each burst of sound is the next word of a sentence.

Kaldi's files by hand, in the binary form of `kaldi-io`: a number is its size and its bytes, a token ends in a space. Its
network looks at the first cepstral coefficient (loudness) alone: loud is speech, quiet is silence. Its graph has the
words in a row, with silence between.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SILENCE = 1
"""The phone; words follow, each a phone of its own."""
CEPSTRA = 13
SURENESS = 0.05
"""Log-likelihood for each unit of the first coefficient, which is about -75 for silence and +80 for noise."""
FST_MAGIC = 2125659606


def vosk(folder: Path, words: Sequence[str]) -> Path:
    """A model folder as Vosk's own are laid out."""
    for name in ("am", "conf", "graph"):
        (folder / name).mkdir(parents=True)
    phones = len(words) + 1
    (folder / "am" / "final.mdl").write_bytes(b"\0B" + _transitions(phones) + _network(phones))
    (folder / "graph" / "HCLG.fst").write_bytes(_graph(len(words)))
    listed = "".join(f"{word} {i}\n" for i, word in enumerate(["<eps>", *words]))
    (folder / "graph" / "words.txt").write_text(listed, encoding="utf-8")
    (folder / "conf" / "mfcc.conf").write_text("--use-energy=false\n--dither=0\n--sample-frequency=16000\n")
    boundaries = [f"{SILENCE} nonword", *(f"{phone} singleton" for phone in range(2, len(words) + 2))]
    (folder / "graph" / "phones").mkdir()
    (folder / "graph" / "phones" / "word_boundary.int").write_text("\n".join(boundaries) + "\n")
    # The decoder takes every third frame: Vosk's times are counted so, whatever the settings say.
    settings = {"acoustic-scale": 1.0, "frame-subsampling-factor": 3, "endpoint.silence-phones": SILENCE}
    text = "".join(f"--{name}={value}\n" for name, value in settings.items())
    (folder / "conf" / "model.conf").write_text(text)
    return folder


def _int(value: int) -> bytes:
    return struct.pack("<bi", 4, value)


def _ints(values: Sequence[int]) -> bytes:
    return struct.pack(f"<bi{len(values)}i", 4, len(values), *values)


def _floats(values: np.ndarray) -> bytes:
    """A vector or a matrix."""
    mark = b"FV " if values.ndim == 1 else b"FM "
    return mark + b"".join(map(_int, values.shape)) + values.astype("<f4").tobytes()


def _transitions(phones: int) -> bytes:
    """Each phone is one state with a loop: transition 2n - 1 is phone n's loop, 2n the way into it."""
    half = struct.pack("<bf", 4, 0.5)
    state = _int(0) + _int(2) + _int(0) + half + _int(1) + half
    final = _int(-1) + _int(0)
    topology = _ints(range(1, phones + 1)) + _ints([-1, *[0] * phones]) + _int(1) + _int(2) + state + final
    triples = _int(phones) + b"".join(
        _int(phone) + _int(0) + _int(phone - 1) for phone in range(1, phones + 1)
    )
    odds = np.log(np.array([1.0, *[0.5] * (2 * phones)]))
    return (
        b"<TransitionModel> <Topology> " + topology + b"</Topology> <Triples> " + triples + b"</Triples> "
        b"<LogProbs> " + _floats(odds) + b"</LogProbs> </TransitionModel> "
    )


def _network(phones: int) -> bytes:
    weights = np.zeros((phones, CEPSTRA))
    weights[:, 0] = SURENESS
    weights[SILENCE - 1, 0] = -SURENESS
    nodes = (
        f"input-node name=input dim={CEPSTRA}\n"
        "component-node name=loudness component=loudness input=input\n"
        "output-node name=output input=loudness objective=linear\n\n"
    )
    component = b"<FixedAffineComponent> <LinearParams> " + _floats(weights)
    component += b"<BiasParams> " + _floats(np.zeros(phones)) + b"</FixedAffineComponent> "
    return (
        b"<Nnet3> \n" + nodes.encode() + b"<NumComponents> " + _int(1) + b"<ComponentName> loudness " + component
        + b"</Nnet3> <LeftContext> " + _int(0) + b"<RightContext> " + _int(0) + b"<Priors> " + _floats(np.zeros(0))
    )  # fmt: skip


def _graph(words: int) -> bytes:
    """A vector FST of OpenFst: state 2n is the n-th word, the one after it a silence. An arc is input, output, target."""
    states: list[list[tuple[int, int, int]]] = [
        [(2, 0, 1)],
        [(1, 0, 1)],
    ]  # before anything, the first silence
    for word in range(1, words + 1):
        phone, here = word + 1, len(states)
        for before in (here - 1, here - 2):  # after a silence, or at once
            states[before].append((2 * phone, word, here))
        states.append([(2 * phone - 1, 0, here), (2, 0, here + 1)])
        states.append([(1, 0, here + 1)])
    out = struct.pack("<i", FST_MAGIC)
    for name in (b"vector", b"standard"):
        out += struct.pack("<i", len(name)) + name
    out += struct.pack("<iiQqqq", 2, 0, 3, 0, len(states), sum(map(len, states)))
    for i, arcs in enumerate(states):
        ends = 0.0 if i >= 1 else float("inf")
        out += struct.pack("<fq", ends, len(arcs))
        out += b"".join(struct.pack("<iifi", given, said, 0.0, to) for given, said, to in arcs)
    return out
