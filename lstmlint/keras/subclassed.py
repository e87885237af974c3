"""Layers and models whose `call` is a function of the program: what Keras keeps of one.

Source: `Layer` and `Model` of Keras 2.2.4, 2.15 and 3 (`add_weight`, tracking of attributes).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from lstmlint.classes import dataclass, field, replace
from lstmlint.keras.layers.base import Applied, Count, Layer, Refusal, Structure

#: What the rule of such a layer is called: a class of the program may have the name of one of Keras's.
PREFIX = "program."

#: The kind of a refusal that a layer inside has told already.
INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Subclassed:
    """A layer or model of a class of the program.

    `base` is the layer of Keras that its class derives from, where that is more than `Layer`.  `weights` are those that it made itself, None where not known; `layers` those in its attributes, in the order in
    which Keras tracks them, as far as known.  `input` and `output` are those of its last call; `calls` what each layer
    made of its first input in it; `count` all parameters, those of the layers included.
    """

    layer: Layer
    base: Layer | None = None
    weights: tuple[Count, ...] | None = ()
    is_built: bool = False
    layers: tuple[Layer, ...] = ()
    input: Structure = None
    output: Structure = None
    calls: Mapping[Hashable, Applied] = field(default_factory=dict)
    count: Count | None = None
    refusal: Refusal | None = None

    @property
    def refusals(self) -> tuple[tuple[Layer, Refusal], ...]:
        """The layer itself, where something in its last call was refused."""
        return () if self.refusal is None else ((self.layer, self.refusal),)

    def generalise(self, other: object) -> Subclassed:
        """What a loop leaves: the same layer, of which only what both sides agree on is known."""
        if not isinstance(other, Subclassed) or other.layer.key != self.layer.key:
            return Subclassed(self.layer, weights=None)
        weights = self.weights if self.weights == other.weights else None
        output = self.output if self.output == other.output else None
        return replace(other, weights=weights, is_built=self.is_built and other.is_built, output=output)
