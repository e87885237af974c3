"""How many arrays a model is given, and under which names: what Keras makes of another number or of other names.

Source: measured on Keras 3.15 and tf.keras 2.15; Keras up to 2.3 from its
`engine/training_utils.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from lstmlint.keras.outcomes import OK, Effect, Outcome, raises
from lstmlint.keras.versions import Version

#: What is given: so many arrays in a list or tuple, arrays under these names, or (None) one array on its own.
Given: TypeAlias = "int | tuple[str, ...] | None"


def input_structure(names: Sequence[str], given: Given, version: Version, *, is_sequential: bool = False) -> Outcome:
    """What comes of giving a model, whose inputs have these names, so many arrays or arrays of other names.

    A Sequential model of Keras 3 takes the first of several arrays and leaves the others out without a word.
    """
    if isinstance(given, tuple):
        missing = [name for name in names if name not in given]
        return OK if not missing or is_sequential else _missing(missing[0], names, given, version)
    count = 1 if given is None else given
    if count == len(names):
        return OK
    if is_sequential and version is Version.K3:
        return Outcome(Effect.SILENT)
    return _input_count(names, count, version)


def _missing(name: str, names: Sequence[str], given: tuple[str, ...], version: Version) -> Outcome:
    if version is Version.K2:
        return raises("ValueError", f'No data provided for "{name}". Need data for each key in: {list(names)}')
    told = f'Missing data for input "{name}". You passed a data dictionary with keys {list(given)}.'
    return raises("ValueError", f"{told} Expected the following keys: {list(names)}")


def _input_count(names: Sequence[str], count: int, version: Version) -> Outcome:
    if version is Version.K2:
        return raises(
            "ValueError",
            "Error when checking model input: the list of Numpy arrays that you are passing to your model is not the "
            f"size the model expected. Expected to see {len(names)} array(s), but instead got the following list of "
            f"{count} arrays",
        )
    if version is Version.T2:
        return raises(
            "ValueError", f'Layer "model" expects {len(names)} input(s), but it received {count} input tensors.'
        )
    told = f'Layer "functional" expects {len(names)} named input(s) with keys {list(names)}'
    return raises("ValueError", f"{told}, but it received {count} input tensors.")


def target_structure(names: Sequence[str], given: Given, version: Version) -> Outcome:
    """What comes of giving a model, whose outputs have these names and a loss each, so many targets or others.

    tf.keras leaves outputs out that have no target, gives all of them a single one, and one output the first of several.
    """
    if isinstance(given, tuple):
        return _target_names(names, given, version)
    count = 1 if given is None else given
    if count == len(names) or (version is Version.T2 and (given is None or len(names) == 1)):
        return OK
    if version is Version.K2:
        return raises(
            "ValueError",
            "Error when checking model target: the list of Numpy arrays that you are passing to your model is not the "
            f"size the model expected. Expected to see {len(names)} array(s), but instead got {count}",
        )
    if version is Version.T2:
        return raises("ValueError", "The two structures don't have the same sequence length.")
    return raises("ValueError", "y_true and y_pred have different structures.")


def target_missing(method: str, version: Version) -> Outcome:
    """What comes of giving a model that has a loss no targets at all.

    `method`: "fit", "evaluate", "validation" or "train_on_batch" (for all methods of that kind).
    Unknown: what Keras up to 2.3 does gives OK, and so do the methods of tf.keras that say 0.
    """
    if version is Version.K3:
        return raises("ValueError", "None values not supported.")
    if version is Version.T2 and method == "fit":
        told = "Target data is missing. Your model was compiled with loss=…, and therefore expects target data to be provided"
        return raises("ValueError", f"{told} in `fit()`.")
    return OK


def _target_names(names: Sequence[str], given: tuple[str, ...], version: Version) -> Outcome:
    missing = [name for name in names if name not in given]
    others = [name for name in given if name not in names]
    if version is Version.K2:
        told = f'No data provided for "{missing[0]}". Need data for each key in: {list(names)}' if missing else ""
        return raises("ValueError", told) if missing else OK
    if version is Version.T2:
        told = f"Found unexpected losses or metrics that do not correspond to any Model output: {{{others}}}"
        return raises("ValueError", told) if others else OK
    if not missing and not others:
        return OK
    return raises("ValueError", "y_true and y_pred have different structures.")


def loss_structure(names: Sequence[str], given: Given, version: Version) -> Outcome:
    """What comes of a list or dict of losses for a model whose outputs have these names."""
    if isinstance(given, tuple):
        others = [name for name in given if name not in names]
        if version is Version.K3 and set(given) != set(names):
            told = f"Expected keys {list(names)} in loss dict, but found loss.keys()={list(given)}"
            return raises("ValueError", told)
        if others and version is not Version.K3:
            told = f'Unknown entry in loss dictionary: "{others[0]}". Only expected the following keys: {list(names)}'
            return raises("ValueError", told)
        return OK
    count = len(names) if given is None else given
    if count == len(names) or version is Version.T2:
        return OK
    if version is Version.K3 and (count < len(names) or len(names) == 1):
        return OK  # outputs without a loss, or a sum of losses
    if version is Version.K3:
        path = f"The path: ({len(names)},) in the `loss` argument, can't be found"
        return raises("KeyError", f'"{path} in either the model\'s output (`y_pred`) or in the labels (`y_true`)."')
    told = "When passing a list as loss, it should have one entry per model outputs."
    return raises("ValueError", f"{told} The model has {len(names)} outputs, but you passed {count} losses")


def loss_weight_count(losses: Given, weights: int | None, version: Version) -> Outcome:
    """What comes of so many `loss_weights` in a list or dict beside so many losses (None: one loss for all outputs)."""
    count = len(losses) if isinstance(losses, tuple) else 1 if losses is None else losses
    if version is not Version.K3 or weights is None or weights == count:
        return OK
    told = f"`loss_weights` must match the number of losses, got {count} losses and {weights} weights."
    return raises("ValueError", told)
