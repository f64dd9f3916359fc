"""How long to fuzz: some seconds in `make test`, in depth with `OPENVOD_FUZZ=deep` (`make fuzz`)."""

import os

from hypothesis import HealthCheck, Phase, settings

DEEP = os.environ.get("OPENVOD_FUZZ") == "deep"


def effort(examples: int, steps: int = 50) -> settings:
    """So many examples, always the same ones; in depth fifty times as many, and others each time.

    Only in depth a failure is made as small as it gets. A real server answers, so nothing is said of time.
    """
    return settings(
        max_examples=examples * (50 if DEEP else 1),
        stateful_step_count=steps * (3 if DEEP else 1),
        derandomize=not DEEP,
        phases=settings.default.phases if DEEP else [Phase.generate],  # a failure is told at once
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
