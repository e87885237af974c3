"""Layers for images: cropped, resized, and changed at random.

Source: measured rows, images.
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.classes import replace
from lstmlint.keras.layers.base import LayerRule, Tensor
from lstmlint.keras.layers.call import CHANNELS_FIRST, CHANNELS_LAST, Call, Output, one_input, unknown_axes
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis

_SOURCE = "measured: images"
_RANKS = (3, 4)


def _image(call: Call, outputs: Callable[[Call], Output]) -> Output:
    """What `outputs` makes of one image or a batch of them; refused where it is neither."""
    shape = call.shape
    if shape.min_rank > max(_RANKS) or (shape.exact and shape.min_rank < min(_RANKS)):
        wanted = "([batch,] height, width, channels)"
        return call.refuse("image-rank", "rank", wanted, rank=max(_RANKS), ndim=shape.min_rank)
    return outputs(call)


def _of_size(call: Call) -> Output:
    """Images of another height and width."""
    word = call.word("data_format", CHANNELS_LAST)
    if word not in (CHANNELS_LAST, CHANNELS_FIRST):
        return Tensor(unknown_axes(call.shape))
    place = -2 if word == CHANNELS_FIRST else -3
    if call.version is Version.T2 and len(call.shape.dims) == max(_RANKS) and _is_cut(call):
        # Which way it goes is seen only when it runs, and then one way resizes: TensorFlow forgets the batch.
        call = replace(call, shape=call.shape.with_axis(0, None))
    return _like(call, {place: call.size("height"), place + 1: call.size("width")})


def _is_cut(call: Call) -> bool:
    """Whether images of an unknown height or width are cropped."""
    is_cropping = call.layer.class_name != "Resizing" or call.flag("crop_to_aspect_ratio") is True
    return is_cropping and None in call.shape.dims[1:3]


def _like(call: Call, sizes: dict[int, Axis]) -> Output:
    if len(call.shape.dims) < min(_RANKS):
        return Tensor(UNKNOWN_SHAPE)
    shape = call.shape
    for axis, size in sizes.items():
        shape = shape.with_axis(axis, size)
    return Tensor(shape)


def _kept(call: Call) -> Output:
    return replace(call.tensor, shape=call.shape)


def _changed(call: Call) -> Output:
    """Images of the same shape.  K3 looks at the rank only while it trains."""
    return _kept(call) if call.version is Version.K3 else _image(call, _kept)


def _in_colour(call: Call) -> Output:
    """Images of three channels, which K3 makes grey and back."""
    channels = call.axis(-3 if call.word("data_format") == CHANNELS_FIRST else -1)
    if call.word("data_format", CHANNELS_LAST) in (CHANNELS_LAST, CHANNELS_FIRST) and channels is not None:
        if len(call.shape.dims) in _RANKS and equal(channels, 3) is Answer.NO:
            return call.refuse("colours", "axis", "images of 3 channels", channels=channels)
    return _image(call, _kept)


def _contrasted(call: Call) -> Output:
    """T2 asks for height, width and channels, whatever is in front of them."""
    return _kept(call) if call.version is Version.K3 or call.shape.min_rank >= min(_RANKS) else _image(call, _kept)


def _resized(name: str) -> LayerRule:
    return one_input(name, lambda call: _image(call, _of_size), _SOURCE)


def _of_some_size(axis: int) -> Callable[[Call], Output]:
    """Images of which one side is of a size that is drawn anew each time: Keras does not know it."""

    def drawn(call: Call) -> Output:
        return _like(call, {axis: None})

    return lambda call: _image(call, drawn)


_CHANGING = (
    "AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "Equalization", "MixUp",
    "RandAugment", "RandomBrightness", "RandomColorJitter", "RandomElasticTransform",
    "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert",
    "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
    "RandomTranslation", "RandomZoom", "Solarization",
)  # fmt: skip
RULES: tuple[LayerRule, ...] = (
    *(one_input(name, _changed, _SOURCE) for name in _CHANGING),
    one_input("RandomColorDegeneration", _in_colour, _SOURCE),
    one_input("RandomContrast", _contrasted, _SOURCE),
    *(_resized(name) for name in ("CenterCrop", "RandomCrop", "Resizing")),
    one_input("RandomHeight", _of_some_size(-3), _SOURCE),
    one_input("RandomWidth", _of_some_size(-2), _SOURCE),
    one_input("MaxNumBoundingBoxes", _kept, _SOURCE),
)
