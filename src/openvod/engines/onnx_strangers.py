"""How is an ONNX file opened that the operator has put into the model folder, and which errors say that it does not fit?"""

from pathlib import Path
from typing import Any


def session(path: Path) -> Any:
    """An `onnxruntime.InferenceSession` of one thread. Raises one of `refusals()` for what is no model."""
    import onnxruntime  # noqa: PLC0415 - only in media processes

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what it would say of a stranger's file is raised, too
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def refusals() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a file that it does not take, and for one that fails while it runs; and ValueError."""
    from onnxruntime.capi import onnxruntime_pybind11_state as native  # noqa: PLC0415

    return (
        ValueError,
        native.Fail,
        native.InvalidArgument,
        native.InvalidGraph,
        native.InvalidProtobuf,
        native.NoSuchFile,
        native.NotImplemented,
        native.RuntimeException,
    )
