"""A process that pushes the events of a data folder until it is killed."""

import sys
import threading
from pathlib import Path

from openvod.core.settings import Settings
from openvod.deliver.loop import Deliverer
from openvod.store import Store

settings = Settings(data=Path(sys.argv[1]), public_url="http://vod.example")
Deliverer(Store.open(settings), settings).start()
threading.Event().wait()
