"""Calling a layer's constructor: binding arguments as each Keras does, and what it says about them.

Source: facts: renames, sections 1 to 3 (keywords, Keras 1 names, shape keywords).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras import keras1, values
from lstmlint.keras.declared import declared_shape, refused_shape
from lstmlint.keras.layers.base import UNKNOWN, Argument, ArgumentProblem, Layer, Perhaps
from lstmlint.keras.layers.registry import rule
from lstmlint.keras.signatures import ANY, Signature, base_keywords, function_signature, layer_class, signature
from lstmlint.keras.spelling import nearest
from lstmlint.keras.strings import unknown_strings
from lstmlint.keras.versions import Version

#: Arguments that have another name in another version: version -> (layer, name it does not have) -> name it has.
_RENAMED: Mapping[Version, Mapping[tuple[str, str], str]] = {
    Version.K2: {("LeakyReLU", "negative_slope"): "alpha"},
    Version.T2: {("LeakyReLU", "negative_slope"): "alpha"},
    Version.K3: {("LeakyReLU", "alpha"): "negative_slope", ("InputLayer", "input_shape"): "shape"},
}
#: Keywords that K3 takes with a warning that they are going away.
_DEPRECATED_K3 = {
    ("LeakyReLU", "alpha"): "Argument `alpha` is deprecated. Use `negative_slope` instead.",
    ("Embedding", "input_length"): "Argument `input_length` is deprecated. Just remove it.",
    ("InputLayer", "input_shape"): "Argument `input_shape` is deprecated. Use `shape` instead.",
}


@dataclass(frozen=True, slots=True)
class Constructed:
    """The layer, None where Keras raises or the class is not known, and what Keras says about the arguments."""

    layer: Layer | None
    problems: tuple[ArgumentProblem, ...]


def construct(
    class_name: str,
    positional: Sequence[Argument],
    keywords: Mapping[str, Argument],
    version: Version,
    *,
    key: Hashable,
    origin: Any = None,
    open_keywords: bool = False,
    own_names: bool = False,
) -> Constructed:
    """The layer that `class_name(*positional, **keywords)` makes, with the defaults of that version filled in.

    `class_name` is a layer class, an alias of one, or "Input".  `open_keywords`: keywords of unknown content were
    passed as well, so nothing is missing and what was not given is unknown.  `own_names`: the program has registered
    strings of its own, for activations, initializers ….
    Unknown: layer None without problems for a class which that version does not have.
    """
    is_function = class_name == "Input"
    canonical = "InputLayer" if is_function else layer_class(class_name, version)
    known = function_signature(class_name, version) if is_function else signature(class_name, version)
    if canonical is None or known is None:
        return Constructed(None, ())
    caller = _Caller(class_name if is_function else canonical, canonical, known, version, open_keywords)
    bound, problems = caller.bind(tuple(positional), keras1.undilated(class_name, keywords))
    bound = {argument: _settled(argument, value) for argument, value in bound.items()}
    problems += [] if own_names else unknown_strings(values.read(canonical, bound), version)
    problems += values.problems(canonical, bound, version)
    problems += _misread(class_name, positional, bound, version)
    problems += refused_shape(caller.name, bound, version)
    if any(problem.raises for problem in problems):
        return Constructed(None, tuple(problems))
    arguments = {**_defaults(known, open_keywords), **bound}
    name = arguments.get("name")
    layer = Layer(
        rule(canonical),
        arguments,
        key,
        name if isinstance(name, str) else None,
        declared_shape(canonical, bound, version, is_open=open_keywords),
        origin,
    )
    return Constructed(layer, tuple(problems))


def _misread(
    class_name: str, positional: Sequence[Argument], bound: Mapping[str, Argument], version: Version
) -> list[ArgumentProblem]:
    """Keras 1's `Convolution2D(32, 3, 3)`: two sides of a kernel, which are read as kernel and strides since.

    Under its newer name, `Conv2D(32, 3, 3)`, strides may be meant.  The long name with three numbers is Keras 1's way.
    """
    if class_name != "Convolution2D" or version is Version.K2 or len(positional) != 3:
        return []
    kernel, strides = positional[1:]
    if not isinstance(kernel, int) or kernel != strides or kernel < 2:
        return []
    message = f"the third number is read as strides={strides}: only every {strides}th position is looked at"
    return [ArgumentProblem("misread", "strides", f"kernel_size=({kernel}, {kernel})", False, None, message)]


#: Arguments that are a size: only here is a value that may be anything taken for one.
_SIZES = frozenset({
    "units", "filters", "input_dim", "output_dim", "input_length", "n", "kernel_size", "strides", "pool_size", "size",
    "dilation_rate", "groups", "depth_multiplier", "num_heads", "key_dim", "value_dim", "batch_size", "nb_filter",
})  # fmt: skip


def _settled(argument: str, value: Argument) -> Argument:
    """The argument with sizes in place of what may be one: where a size is due, and inside a tuple."""
    if isinstance(value, Perhaps):
        return value.dim if argument in _SIZES else UNKNOWN
    if isinstance(value, tuple):
        return tuple(item.dim if isinstance(item, Perhaps) else item for item in value)
    return value


def _defaults(known: Signature, is_open: bool) -> dict[str, Argument]:
    if not is_open:
        return dict(known.optional)
    return dict.fromkeys((*known.names, "trainable"), UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Caller:
    """A constructor about to be called."""

    name: str
    class_name: str
    signature: Signature
    version: Version
    is_open: bool

    def bind(
        self, positional: tuple[Argument, ...], keywords: Mapping[str, Argument]
    ) -> tuple[dict[str, Argument], list[ArgumentProblem]]:
        """The arguments by name, in the words of the version, and the problems in the order Keras finds them."""
        problems: list[ArgumentProblem] = []
        if self.version is Version.K2:
            converted = keras1.convert(self.class_name, positional, keywords)
            positional, keywords = converted.positional, converted.keywords
            problems += converted.problems
        excess = self._excess(positional)
        problems += excess
        bound = {} if excess else dict(zip(self.signature.names, positional))
        unknown: list[str] = []
        for name, value in keywords.items():
            if name in bound:
                problems.append(self._duplicate(name))
            elif self.takes(name):
                problems += self._deprecated(name)
                bound[_stored(self, name)] = value
            else:
                unknown.append(name)
        missing = [] if self.is_open or excess else [name for name in self.signature.required if name not in bound]
        problems += self._unknown(unknown, missing)
        return bound, problems

    def takes(self, name: str) -> bool:
        """Whether a keyword is one of the constructor's."""
        known = self.signature
        if name in known.required or name in known.optional or name in known.extra or ANY in known.extra:
            return True
        if self.version is Version.T2 and name.endswith("_layout"):  # DTensor layouts, one beside each initializer
            return name.removesuffix("_layout") + "_initializer" in known.names
        return not known.is_closed and name in base_keywords(self.version)

    def _excess(self, positional: Sequence[Argument]) -> list[ArgumentProblem]:
        limit = keras1.legacy(self.class_name).positional if self.version is Version.K2 else None
        names = self.signature.names if limit is None else limit
        if len(positional) <= len(names):
            return []
        if limit is None:
            low, high = len(self.signature.required) + 1, len(names) + 1
            message = (
                f"{self._method()} takes from {low} to {high} positional arguments but {len(positional) + 1} were given"
            )
        else:
            message = f"`{self.name}` can accept only {len(limit)} positional arguments {limit!r}"
        known = self.signature.names
        suggestion = known[len(names)] if len(names) < len(known) else None
        return [ArgumentProblem("excess", str(len(names) + 1), suggestion, True, "TypeError", message)]

    def _method(self) -> str:
        """How Python names the function in its own messages."""
        if self.name == "Input":
            return "Input()"
        return "__init__()" if self.version is Version.K2 else f"{self.name}.__init__()"

    def _duplicate(self, name: str) -> ArgumentProblem:
        message = f"{self._method()} got multiple values for argument '{name}'"
        return ArgumentProblem("duplicate", name, None, True, "TypeError", message)

    def _deprecated(self, name: str) -> list[ArgumentProblem]:
        message = _DEPRECATED_K3.get((self.name, name)) if self.version is Version.K3 else None
        if message is None:
            return []
        newer = _RENAMED[Version.K3].get((self.name, name))
        return [ArgumentProblem("unknown", name, newer, False, None, message)]

    def _unknown(self, unknown: Sequence[str], missing: Sequence[str]) -> list[ArgumentProblem]:
        """Unknown keywords and missing arguments; a keyword that meant what is missing is told once, as unknown."""
        suggestions = {name: self._suggestion(name) for name in unknown}
        lacking = self._missing_words(missing)
        found: list[ArgumentProblem] = []
        for name in unknown:
            made_for = _takers(self.class_name, name, self.version)
            if suggestions[name] in missing:
                found.append(ArgumentProblem("unknown", name, suggestions[name], True, "TypeError", lacking, made_for))
            else:
                exception, message = self._unknown_words(name)
                found.append(ArgumentProblem("unknown", name, suggestions[name], True, exception, message, made_for))
        told = set(suggestions.values())
        rest = [name for name in missing if name not in told]
        return [ArgumentProblem("missing", name, None, True, "TypeError", lacking) for name in rest] + found

    def _missing_words(self, missing: Sequence[str]) -> str:
        names = [f"'{name}'" for name in missing]
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        plural = "s" if len(names) != 1 else ""
        return f"{self._method()} missing {len(names)} required positional argument{plural}: {listed}"

    def _unknown_words(self, name: str) -> tuple[str, str]:
        if self.version is Version.T2 and self.class_name == "InputLayer":
            return "ValueError", f"Unrecognized keyword arguments: ['{name}']"
        if self.signature.is_closed or self.name == "Input":
            return "TypeError", f"{self._method()} got an unexpected keyword argument '{name}'"
        if self.version is Version.K3:
            return "ValueError", f"Unrecognized keyword arguments passed to {self.name}: {{'{name}': …}}"
        return "TypeError", f"('Keyword argument not understood:', '{name}')"

    def _suggestion(self, name: str) -> str | None:
        """The newer name of an old argument, else the nearest name that the constructor has."""
        newer = keras1.newer_names(self.class_name).get(name) or _RENAMED[self.version].get((self.class_name, name))
        if newer is not None and self.takes(newer):
            return newer
        base: Iterable[str] = () if self.signature.is_closed else base_keywords(self.version)
        return nearest(name, [*self.signature.names, *base])


def _stored(caller: _Caller, name: str) -> str:
    """The name under which an argument is kept: that of the signature, for an older name of it."""
    newer = _RENAMED[caller.version].get((caller.class_name, name))
    return newer if newer is not None and newer in caller.signature.optional else name


def _takers(class_name: str, name: str, version: Version) -> Version | None:
    """The generation in which layers of this class take a keyword, the newest of several; None where there is none."""
    for other in (Version.K3, Version.T2, Version.K2):
        known = signature(class_name, other) if other is not version else None
        if known is not None and _Caller(class_name, class_name, known, other, False).takes(name):
            return other
    return Version.K2 if name in keras1.newer_names(class_name) else None
