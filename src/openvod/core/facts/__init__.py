"""What is known of the API as plain data: names, types, flags, limits, presets. No text of the vendor's.

- `vod.json`: the offered actions and their types; `field: [type, flags]`, `X[]` is a list, `r` required in
  a request, `n` an explicit null in an answer, type `null` a field of another product that is always null
  here.
- `mps_outputs.json`: the structures inside `OutputText` and `MPSProcessMediaParams`, in the same form; MPS has them, too.
- `mps.json`: what MPS has beside them, with its offered actions; what is named as in VOD may differ.
- `openvod.json`: actions of our own, for what the vendor's page does in a browser and its API does not.
- `limits.json`: ranges by `Type.Field` (see `core.limits`); `actions.json`, `mps_actions.json`: every action name of VOD
  and of MPS; `enums.json`: value lists; `presets.json`: preset templates (`vendor` false: an id of our own).
- `extended_parameter.json`: the known keys of ExtendedParameter by feature; a list shows what each of its items has.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read(name: str) -> dict[str, Any]:
    """One of the files by its name without `.json`. It is shared: never change what is returned."""
    content: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return content
