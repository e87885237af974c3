"""Sound, pictures and signals: librosa, OpenCV and SciPy, as far as they carry shapes to a model."""

from __future__ import annotations

import math

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, External, Value, tuple_of
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import NDARRAY, Array, Range, alike, as_array, derive, make, operand
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

CONSTANTS: dict[str, Value] = {"scipy.pi": Const(math.pi), "scipy.constants.pi": Const(math.pi)}

# --- librosa ---------------------------------------------------------------------------------------------------------


@model("librosa.load", "librosa.core.load")
def load_sound(call: Call, path: Value | None = None, sr: Value | None = None, mono: Value | None = None) -> Value:
    """The samples of a sound, one channel unless it is asked otherwise, and their rate (22,050 a second)."""
    rate = sr if given(sr) and sr is not None else call.unknown("sr") if sr is not None else Const(22050)
    if given(call.keywords.get("mono")) and call.constant(call.keywords["mono"]) is not True:
        return tuple_of(make(call, UNKNOWN_SHAPE, NDARRAY, "float32"), rate)
    return tuple_of(make(call, Shape((call.symbol("samples", lower=1),)), NDARRAY, "float32"), rate)


#: Features of a sound: the argument that sets the number of rows, and how many there are without it.
_FEATURES: dict[str, tuple[str, int]] = {
    "mfcc": ("n_mfcc", 20),
    "melspectrogram": ("n_mels", 128),
    "chroma_stft": ("n_chroma", 12),
    "chroma_cqt": ("n_chroma", 12),
    "chroma_cens": ("n_chroma", 12),
    "tonnetz": ("", 6),
    "spectral_centroid": ("", 1),
    "spectral_bandwidth": ("", 1),
    "spectral_rolloff": ("", 1),
    "spectral_flatness": ("", 1),
    "zero_crossing_rate": ("", 1),
    "rms": ("", 1),
    "rmse": ("", 1),
}


@model(*(f"librosa.feature.{name}" for name in _FEATURES))
def sound_feature(call: Call, y: Value | None = None) -> Value:
    """Features of each frame.  Shapes: (samples,) -> (features, frames).

    Unknown: for several channels.
    """
    word, rows = _FEATURES[member(call)]
    asked = call.keywords.get(word)
    count: Dim | None = rows if asked is None else call.dim(asked)
    sound = as_array(call, y) if y is not None else None
    several = call.open_keywords or (sound is not None and sound.shape.exact and sound.shape.rank != 1)
    if several or given(call.keywords.get("S")):
        return call.unknown()
    dims = (call.symbol("features", lower=1) if count is None else count, call.symbol("frames", lower=1))
    return make(call, Shape(dims), NDARRAY, "float32")


@model(
    "librosa.power_to_db", "librosa.amplitude_to_db", "librosa.db_to_power", "librosa.core.power_to_db",
    "librosa.util.normalize", "librosa.feature.delta", "scipy.signal.detrend", "scipy.signal.savgol_filter",
    "scipy.signal.medfilt", "scipy.signal.lfilter", "scipy.signal.filtfilt", "scipy.signal.sosfiltfilt",
    "scipy.stats.zscore", "scipy.ndimage.gaussian_filter1d", "scipy.ndimage.gaussian_filter",
    "scipy.ndimage.median_filter",
)  # fmt: skip
def other_values(call: Call, *args: Value) -> Value:
    """Other values in an array of the same shape: of the last argument where filters stand before the data."""
    place = {"lfilter": 2, "filtfilt": 2, "sosfiltfilt": 1}.get(member(call), 0)
    found = as_array(call, args[place]) if len(args) > place and isinstance(args[place], Array) else None
    several = found is None or call.open_args or given(call.keywords.get("zi"))
    return call.unknown() if several or found is None else alike(call, found, kind=NDARRAY, columns=None)


@model("scipy.io.wavfile.read")
def read_wave(call: Call, filename: Value | None = None) -> Value:
    """The rate of a sound and its samples, of one channel or several."""
    return tuple_of(call.unknown("rate", number="int"), make(call, UNKNOWN_SHAPE, NDARRAY))


# --- OpenCV ----------------------------------------------------------------------------------------------------------


@model("cv2.imread")
def read_picture(call: Call, filename: Value | None = None, flags: Value | None = None) -> Value:
    """The picture of a file.  Shapes: (height, width, 3), in shades of gray (height, width).

    A file that is not there gives None, on which nothing can be computed.
    """
    gray = flags == Const(0) or (isinstance(flags, External) and flags.name.endswith("IMREAD_GRAYSCALE"))
    colors = flags is None or flags == Const(1) or (isinstance(flags, External) and flags.name.endswith("IMREAD_COLOR"))
    if not gray and not colors:
        return call.unknown()
    sides = (call.symbol("height", lower=1), call.symbol("width", lower=1))
    return make(call, Shape(sides if gray else (*sides, 3)), NDARRAY, "uint8", range=Range(0, 255, integral=True))


@model("cv2.resize")
def resize_picture(call: Call, src: Value | None = None, dsize: Value | None = None) -> Value:
    """The picture in another size, told as (width, height).  Shapes: (h, w, …) -> (height, width, …).

    A last axis of 1 is lost.
    """
    found = operand(call, src)
    size = call.dims(dsize) if given(dsize) else None
    rank = found.shape.rank
    if rank not in (2, 3) or size is None or len(size) != 2:
        return derive(call, found, UNKNOWN_SHAPE)
    width, height = (call.symbol("side", lower=1) if side is None else side for side in size)
    rest = found.shape.dims[2:]
    if rest and (rest[0] is None or not isinstance(rest[0], int)):
        return derive(call, found, UNKNOWN_SHAPE)
    return derive(call, found, Shape((height, width, *(rest if rest != (1,) else ()))), kind=NDARRAY)


@model("cv2.cvtColor")
def convert_colors(call: Call, src: Value | None = None, code: Value | None = None) -> Value:
    """The picture in other colors: gray has no axis of channels."""
    found = operand(call, src)
    name = code.name if isinstance(code, External) else ""
    if found.shape.rank not in (2, 3) or "2" not in name:
        return derive(call, found, UNKNOWN_SHAPE)
    target = name.rpartition("2")[2]
    sides = found.shape.dims[:2]
    if target == "GRAY":
        return derive(call, found, Shape(sides), kind=NDARRAY)
    three = target in ("RGB", "BGR", "HSV", "LAB", "Lab", "YUV", "HLS", "YCrCb")
    return derive(call, found, Shape((*sides, 3)) if three else UNKNOWN_SHAPE, kind=NDARRAY)
