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


def removed(method: str, version: Version) -> str | None:
    """What to do instead of a method that models of this version do not have; None where they have it."""
    return REMOVED[version].get(method)
