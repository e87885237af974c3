"""Methods of models that a version of Keras no longer has.

Source: facts, renames section 7.  Of tf.keras only what all its versions from 2.4 to 2.15 refuse is listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from lstmlint.keras.versions import Version

#: Method: what to call instead.
REMOVED: Mapping[Version, Mapping[str, str]] = {
    Version.K2: {},
    Version.T2: {},
    Version.K3: {
        "reset_states": "call `reset_state()` on each stateful layer",
        "fit_generator": "`fit` takes generators",
        "evaluate_generator": "`evaluate` takes generators",
        "predict_generator": "`predict` takes generators",
        "predict_classes": "use `np.argmax(model.predict(x), axis=-1)`, or `model.predict(x) > 0.5` for one sigmoid unit",
        "predict_proba": "`predict` gives the probabilities",
        "to_yaml": "use `to_json`",
    },
}
#: Methods that went with one release of tf.keras, and which.
_GONE_T2 = {"predict_classes": (2, 6), "predict_proba": (2, 6), "to_yaml": (2, 6)}


def removed(method: str, version: Version, release: tuple[int, int] | None = None) -> str | None:
    """What to do instead of a method that models of this version (and release) do not have; None where they have it."""
    first = _GONE_T2.get(method) if version is Version.T2 and release is not None else None
    if first is not None and release is not None and release >= first:
        return REMOVED[Version.K3][method]
    return REMOVED[version].get(method)


def has_method(method: str, version: Version) -> Version:
    """The generation before that has the method."""
    return Version.K2 if version is Version.T2 or method in _GONE_T2 else Version.T2
