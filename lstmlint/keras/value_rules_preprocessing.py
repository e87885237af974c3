"""Values that layers for images, categories and sound refuse: the table goes on.

Source: as of `value_rules`; the constructors of tf.keras 2.15 (`image_preprocessing.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.keras.value_rule import NOT_LESS, ValueRule, error
from lstmlint.keras.value_tests import (
    any_of,
    below,
    has_below,
    is_number,
    is_sequence,
    is_text,
    no_bounds,
    no_range,
    not_among,
    not_of_length,
    outside_unit,
    word_not_among,
)
from lstmlint.keras.versions import Version

T2, K3 = Version.T2, Version.K3

_FACTOR = "The `{argument}` argument should be a number (or a list of two numbers) in the range [{low}, {high}]. "
_WARPING = frozenset({
    "AugMix", "RandAugment", "RandomElasticTransform", "RandomPerspective", "RandomRotation", "RandomShear",
    "RandomTranslation", "RandomZoom",
})  # fmt: skip
_FILLING = frozenset({"RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom"})
_RANGED = frozenset(
    {
        "AugMix",
        "AutoContrast",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomPosterization",
        "RandomSaturation",
        "RandomSharpness",
        "Solarization",
    }
)
_MODES = ("int", "one_hot", "multi_hot", "count")


def _factor(argument: str, low: int, high: int, *classes: str) -> ValueRule:
    told = _FACTOR.replace("{low}", str(low)).replace("{high}", str(high)) + "Received: {argument}={value}"
    return ValueRule(argument, frozenset(classes), no_range(low, high), error(told, K3))


def _unbounded(
    argument: str, is_wrong: Callable[[float, float], bool], told: str, *classes: str, mirrored: bool = True
) -> tuple[ValueRule, ...]:
    """What T2 says of a factor, which it takes for two bounds, and of one that is no number."""
    told = f"`{{argument}}` {told} Received: {{argument}}={{value}}"
    return (
        ValueRule(argument, frozenset(classes), no_bounds(is_wrong, mirrored=mirrored), error(told, T2)),
        ValueRule(
            argument,
            frozenset(classes),
            is_text,
            error(_NO_NUMBER if mirrored else NOT_LESS, T2, exception="TypeError"),
        ),
    )


_CROPPING = frozenset({"CenterCrop", "RandomCrop"})
_REGULARIZERS_T2 = (
    "l1", "l2", "l1_l2", "L1", "L2", "L1L2", "OrthogonalRegularizer", "orthogonal_regularizer", "Regularizer",
)  # fmt: skip
_NO_NUMBER = "bad operand type for unary -: {kind}"
_BETWEEN = "argument must have values between [-1, 1], the lower one first."
_ABOVE = "argument must have values larger than -1, the lower one first."

RULES: tuple[ValueRule, ...] = (
    *(
        rule
        for argument in ("height_factor", "width_factor")
        for rule in _unbounded(
            argument, lambda low, high: high < low or max(abs(low), abs(high)) > 1, _BETWEEN, "RandomTranslation"
        )
    ),
    *_unbounded("height_factor", lambda low, high: max(abs(low), abs(high)) > 1, _BETWEEN, "RandomZoom"),
    *_unbounded("width_factor", lambda low, high: min(low, high) < -1, _ABOVE, "RandomZoom"),
    *_unbounded("factor", lambda low, high: high < low or low < -1, _ABOVE, "RandomHeight", "RandomWidth"),
    *_unbounded("factor", lambda low, high: high < low, "argument cannot have a negative value.", "RandomRotation"),
    *_unbounded(
        "factor", lambda low, high: min(low, high) < 0 or low > 1,
        "argument cannot have negative values or values greater than 1.", "RandomContrast", mirrored=False,
    ),
    ValueRule("factor", frozenset({"RandomBrightness"}), no_range(-1, 1), error(
        "The `factor` argument should be a number (or a list of two numbers) in the range [-1.0, 1.0]. Got {value}", T2)),
    *(
        rule
        for side in ("height", "width")
        for rule in (
            ValueRule(side, _CROPPING, is_text, error(
                "Expected int32 passed to parameter 'y' of op 'Sub', got {value} of type 'str' instead.", T2,
                exception="TypeError")),
            ValueRule(side, _CROPPING, below(1), error("target_{argument} must be > 0.", T2)),
            ValueRule(side, frozenset({"Resizing"}), is_text, error("'size' must be a 1-D int32 Tensor", T2)),
            ValueRule(side, _CROPPING | {"Resizing"}, any_of(is_text, below(0)), error(
                "Exception encountered when calling {cls}.call(). Cannot convert {value} to a shape.", K3)),
        )
    ),
    ValueRule("activity_regularizer", None, not_among(None, *_REGULARIZERS_T2), error(
        "'str' object is not callable", T2, exception="TypeError")),
    ValueRule("mode", frozenset({"RandomFlip"}), not_among("horizontal", "vertical", "horizontal_and_vertical"), error(
        "RandomFlip layer {cls} received an unknown mode argument {value}", T2)),
    _factor("factor", -1, 1, "RandomBrightness", "RandomColorDegeneration", "RandomRotation", "RandomSaturation"),
    _factor(
        "factor", 0, 1, "AugMix", "CutMix", "RandAugment", "RandomContrast", "RandomElasticTransform", "RandomErasing",
        "RandomGaussianBlur", "RandomHue", "RandomInvert", "RandomPerspective", "RandomSharpness",
    ),
    _factor("factor", 1, 8, "RandomPosterization"),
    _factor("brightness_factor", -1, 1, "RandomColorJitter"),
    _factor("contrast_factor", 0, 1, "RandomColorJitter"),
    _factor("saturation_factor", -1, 1, "RandomColorJitter"),
    _factor("hue_factor", 0, 1, "RandomColorJitter"),
    _factor("height_factor", -1, 1, "RandomTranslation", "RandomZoom"),
    _factor("width_factor", -1, 1, "RandomTranslation"),
    ValueRule("factor", frozenset({"RandomGrayscale"}), outside_unit, error(
        "`factor` should be between 0 and 1. Received: factor={value}", K3)),
    ValueRule("factor", frozenset({"RandomGrayscale"}), any_of(is_text, is_sequence), error(NOT_LESS, K3, exception="TypeError")),
    ValueRule("interpolation", _WARPING, word_not_among("nearest", "bilinear"), error(
        "Unknown `interpolation` {value}. Expected of one ('nearest', 'bilinear').", T2, K3, exception="NotImplementedError")),
    ValueRule("fill_mode", _FILLING, word_not_among("reflect", "wrap", "constant", "nearest"), error(
        "Unknown `fill_mode` {value}. Expected of one ('reflect', 'wrap', 'constant', 'nearest').", T2, K3,
        exception="NotImplementedError")),
    ValueRule("num_bins", frozenset({"Hashing"}), below(1), error(
        "The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={value}.", T2, K3)),
    ValueRule("num_bins", frozenset({"Hashing"}), is_text, error(NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule("num_tokens", frozenset({"CategoryEncoding"}), below(1), error(
        "`num_tokens` must be >= 1. Received: num_tokens={value}.", T2, K3)),
    ValueRule("output_mode", frozenset({"CategoryEncoding"}), not_among("count", "one_hot", "multi_hot", "binary"), error(
        "Unknown arg for output_mode: {value}", T2, K3)),
    ValueRule("output_mode", frozenset({"Discretization", "Hashing"}), not_among(*_MODES), error(
        "Unknown value for `output_mode` argument of {cls}. Received: output_mode={value}", T2, K3)),
    ValueRule("output_mode", frozenset({"IntegerLookup", "StringLookup", "TextVectorization"}), not_among(
        *_MODES, "tf_idf", "binary", "tf-idf"), error(  # the last two are older names
        "Unknown value for `output_mode` argument of {cls}. Received: output_mode={value}", T2, K3)),
    ValueRule("max_tokens", frozenset({"IntegerLookup", "StringLookup"}), below(2), error(
        "If `max_tokens` is set for `{cls}`, it must be greater than 1. Received: max_tokens={value}", T2, K3)),
    ValueRule("output_size", None, has_below(0), error(
        "Exception encountered when calling {cls}.call(). `output_size` must be positive: {value}", K3)),
    ValueRule("output_size", None, is_text, error(
        "`output_size` must be an integer or a tuple. Received: {value}", K3, exception="TypeError")),
    ValueRule("mode", frozenset({"STFTSpectrogram"}), not_among(
        "log", "magnitude", "psd", "real", "imag", "angle", "stft"), error(
        "Output mode is invalid. Received: mode={value}", K3)),
    ValueRule("padding", frozenset({"STFTSpectrogram"}), not_among("valid", "same"), error(
        "Padding is invalid, it should be 'valid', 'same'. Received: padding={value}", K3)),
    ValueRule("power_iterations", frozenset({"SpectralNormalization"}), below(1), error(
        "`power_iterations` should be greater than zero. Received: `power_iterations={value}`", T2, K3)),
    ValueRule("power_iterations", frozenset({"SpectralNormalization"}), is_text, error(
        NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule("value_range", _RANGED, any_of(is_number, not_of_length(2)), error(
        "The `value_range` argument should be a list of two numbers. Received: value_range={value}", K3)),
    ValueRule("value_range", frozenset({"RandomBrightness"}), any_of(is_number, not_of_length(2)), error(
        "The `value_range` argument should be a list of two numbers. Got {value}", T2)),
    ValueRule("width_factor", frozenset({"RandomZoom"}), no_range(-1, 1), error(
        "The `height_factor` and `width_factor` arguments should be a number (or a list of two numbers).", K3)),
)  # fmt: skip
