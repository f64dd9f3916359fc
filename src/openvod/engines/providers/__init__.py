"""How is a question put to a model that somebody else runs, so that the answer has the form that was asked for?

`chat` asks the operator's endpoint, waits where it asks for that, and has a wrong answer put right once; `schema` says what
is wrong with an answer's form, `reading` finds the answer between talk. Whoever asks has a way of his own when it fails.
"""

from openvod.engines.providers.chat import Answer, Question, answered, name

__all__ = ["Answer", "Question", "answered", "name"]
