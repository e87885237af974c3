"""The Keras of this interpreter."""

from __future__ import annotations

import os
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")


def installed() -> tuple[Any, str]:
    """The package, and which of the stored generations it is: "K3" or "T2"."""
    try:
        import keras
    except ImportError:
        keras = None
    if keras is not None and int(keras.__version__.partition(".")[0]) >= 3:
        return keras, "K3"
    import tensorflow

    return tensorflow.keras, "T2"


def forget(keras: Any) -> None:
    """Free the graphs made so far."""
    keras.backend.clear_session()


def exception(error: Exception) -> str:
    return type(error).__name__
