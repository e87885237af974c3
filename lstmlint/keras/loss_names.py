"""The losses that each Keras knows by name.

Source: the string aliases, functions and classes of `keras.losses` of Keras 2.2.4 and 2.3.1, tf.keras 2.15 and Keras
3.15, and whether their formulas compare element by element.
"""

from __future__ import annotations

from lstmlint.keras.versions import Version

#: Losses that check shapes themselves, and those whose shapes are their own affair; all others are elementwise.
KINDS: dict[str, str] = {
    "categorical_crossentropy": "categorical_crossentropy",
    "sparse_categorical_crossentropy": "sparse_categorical_crossentropy",
    "binary_crossentropy": "binary_crossentropy",
    "binary_focal_crossentropy": "binary_crossentropy",
    "categorical_generalized_cross_entropy": "unknown",
    "circle": "unknown",
    "ctc": "unknown",
    "dice": "unknown",
    "tversky": "unknown",
}

_COMMON = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "hinge",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

_COMMON_CLASSES = {
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "CategoricalHinge": "categorical_hinge",
    "Hinge": "hinge",
    "Huber": "huber",
    "KLDivergence": "kl_divergence",
    "LogCosh": "log_cosh",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanAbsolutePercentageError": "mean_absolute_percentage_error",
    "MeanSquaredError": "mean_squared_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "Poisson": "poisson",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "SquaredHinge": "squared_hinge",
    "CosineSimilarity": "cosine_similarity",
}

_LATER_CLASSES = {
    "BinaryFocalCrossentropy": "binary_focal_crossentropy",
    "CategoricalFocalCrossentropy": "categorical_focal_crossentropy",
}

_ABBREVIATIONS = {
    "MAE": "mean_absolute_error",
    "MAPE": "mean_absolute_percentage_error",
    "MSE": "mean_squared_error",
    "MSLE": "mean_squared_logarithmic_error",
    "KLD": "kl_divergence",
}

_BOTH_CASES = _ABBREVIATIONS | {short.lower(): name for short, name in _ABBREVIATIONS.items()}

_LATER = (
    _BOTH_CASES
    | {"BCE": "binary_crossentropy", "bce": "binary_crossentropy"}
    | _COMMON_CLASSES
    | _LATER_CLASSES
    | {name: name for name in (*_COMMON, "cosine_similarity", "huber", "kl_divergence", "log_cosh")}
    | {name: name for name in _LATER_CLASSES.values()}
)

#: Every name that `compile(loss=…)` or `keras.losses` knows, and the function behind it, under its newest name.
NAMES: dict[Version, dict[str, str]] = {
    Version.K2: _BOTH_CASES
    | _COMMON_CLASSES
    | {name: name for name in _COMMON}
    | {
        "cosine": "cosine_similarity",
        "cosine_proximity": "cosine_similarity",
        "cosine_similarity": "cosine_similarity",
        "huber_loss": "huber",
        "kullback_leibler_divergence": "kl_divergence",
        "logcosh": "log_cosh",
    },
    Version.T2: _LATER | {"huber_loss": "huber", "kullback_leibler_divergence": "kl_divergence", "logcosh": "log_cosh"},
    Version.K3: _LATER
    | {
        "CTC": "ctc",
        "CategoricalGeneralizedCrossEntropy": "categorical_generalized_cross_entropy",
        "Circle": "circle",
        "Dice": "dice",
        "Tversky": "tversky",
        "categorical_generalized_cross_entropy": "categorical_generalized_cross_entropy",
        "circle": "circle",
        "ctc": "ctc",
        "dice": "dice",
        "tversky": "tversky",
    },
}
