"""All layer entries by class name, and how a layer is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.layers import (
    attention,
    convolutional,
    convolutional_recurrent,
    core,
    einsum,
    foreign,
    images,
    legacy,
    merging,
    normalization,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
    spectrograms,
    wrappers,
)
from lstmlint.keras.layers.base import Applied, Layer, LayerRule, Structure, Tensor
from lstmlint.keras.layers.call import by_trainable, opaque
from lstmlint.keras.layers.masks import laid_over, mask_of, refused_mask
from lstmlint.keras.versions import Version

_FAMILIES: tuple[ModuleType, ...] = (
    core, recurrent, wrappers, convolutional, pooling, convolutional_recurrent, reshaping, merging, normalization,
    attention, einsum, preprocessing, images, spectrograms, legacy, foreign,
)  # fmt: skip


def _collected(families: Iterable[ModuleType]) -> dict[str, LayerRule]:
    rules: dict[str, LayerRule] = {}
    for family in families:
        for rule in family.RULES:
            if rule.name in rules:
                raise ValueError(f"{rule.name} has two entries, one of them in {family.__name__}")
            rules[rule.name] = rule
    return rules


RULES: Mapping[str, LayerRule] = _collected(_FAMILIES)


def rule(class_name: str) -> LayerRule:
    """The entry of a layer class; for a class without one, an opaque entry: output unknown, nothing refused."""
    return RULES.get(class_name) or opaque_rule(class_name)


def opaque_rule(class_name: str) -> LayerRule:
    """An entry that tells nothing, for a class of the program's own, whatever its name, or a layer that was changed."""
    return opaque(class_name, "a class of the program, or a layer that was changed", "none")


def apply(
    layer: Layer,
    inputs: Structure,
    version: Version,
    *,
    initial_state: Structure = None,
    call_arguments: Mapping[str, Any] | None = None,
) -> Applied:
    """The result of calling `layer` on `inputs` (a tuple for a list of tensors, None where nothing is known).

    `initial_state`: what a recurrent layer is given of that name.  `call_arguments`: further keywords of the call.
    """
    if inputs == ():
        return Applied(None)  # a call on no tensor at all
    layer = _called_with(layer, call_arguments or {})
    states = () if initial_state is None else initial_state if isinstance(initial_state, tuple) else (initial_state,)
    if version is not Version.K3:
        inputs = (inputs, *states) if states else inputs
    elif states and (late := recurrent.refused_initial_states(layer, inputs, states, version)) is not None:
        return Applied(None, late)  # K3 raises when the model runs: it looks at the states no sooner
    applied = layer.rule.apply(layer, inputs, version)
    if applied.refusal is not None:
        return Applied(None) if applied.refusal.kind == "structure" and _may_be_many(inputs) else applied
    refusal = refused_mask(layer, inputs, _head(applied.output), version)
    if refusal is not None:
        return Applied(None, refusal)
    output = applied.output
    if isinstance(output, Tensor):
        output = laid_over(layer, inputs, output, version)
    output = _with_mask(output, mask_of(layer, inputs, output, version))
    return Applied(output, None, by_trainable(layer, applied.count))


def _head(output: Structure) -> Structure:
    return output[0] if isinstance(output, tuple) and output else output


def _called_with(layer: Layer, given: Mapping[str, Any]) -> Layer:
    """The layer with those arguments of its call that change what comes out."""
    named = {name: given[name] for name in layer.rule.called_with if name in given}
    return replace(layer, arguments={**layer.arguments, **named}) if named else layer


def _may_be_many(inputs: Structure) -> bool:
    """Whether one tensor stands for what may be several (the output of a function that is not known)."""
    return isinstance(inputs, Tensor) and not inputs.shape.exact and not inputs.shape.dims


def _with_mask(output: Structure, masked: bool | None) -> Structure:
    """The mask is on the output itself, not on states."""
    if isinstance(output, Tensor):
        return output if output.masked == masked else replace(output, masked=masked)
    if isinstance(output, tuple) and output and isinstance(output[0], Tensor):
        return (replace(output[0], masked=masked), *output[1:])
    return output
