"""What convolution and pooling layers share: which axes are spatial, and how long they come out."""

from __future__ import annotations

from collections.abc import Sequence

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import Refusal
from lstmlint.keras.layers.call import CHANNELS_FIRST, CHANNELS_LAST, Call, untold
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.operations import Mismatch, window_length
from lstmlint.shapes.shape import Axis, Shape

#: Names of the spatial axes by their number.
SPATIAL_NAMES = {1: ("time",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def axes_of(rank: int, *, before: tuple[str, ...] = ("batch",)) -> tuple[str, ...]:
    """The axes that a layer with `rank` spatial axes takes, for people: `("batch", "time", "channels")`."""
    return (*before, *SPATIAL_NAMES[rank], "channels")


@dataclass(frozen=True, slots=True)
class Layout:
    """An input taken apart: axes in front (the batch, maybe more), spatial axes, channels."""

    front: tuple[Axis, ...]
    spatial: tuple[Axis, ...]
    channels: Axis
    is_channels_first: bool
    exact: bool = True

    def shape(self, spatial: Sequence[Axis], channels: Axis) -> Shape:
        """A shape of the same layout."""
        rest = (channels, *spatial) if self.is_channels_first else (*spatial, channels)
        return Shape((*self.front, *rest), self.exact)

    @property
    def channel_axis(self) -> int:
        """Where the channels are, counted from the end."""
        return -1 - len(self.spatial) if self.is_channels_first else -1


def layout(call: Call, rank: int) -> Layout | None:
    """The input's axes by meaning, None where the data format is not known.

    A data format that is not given is taken to be "channels_last", which Keras is configured with out of the box.
    """
    data_format = call.word("data_format", CHANNELS_LAST)
    if data_format not in (CHANNELS_LAST, CHANNELS_FIRST):
        return None
    missing = rank + 1 - len(call.shape.dims)
    dims = (*(untold() for _ in range(missing)), *call.shape.dims)
    front, rest = dims[: len(dims) - rank - 1], dims[len(dims) - rank - 1 :]
    if data_format == CHANNELS_FIRST:
        return Layout(front, rest[1:], rest[0], True, call.shape.exact)
    return Layout(front, rest[:-1], rest[-1], False, call.shape.exact)


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel or pool with its stride, along one axis."""

    size: Dim
    stride: Dim
    dilation: Dim = 1


def windows(call: Call, rank: int, size: str) -> tuple[Window, ...]:
    """The windows that the arguments describe; strides that are not given are 1 for kernels, the size for pools."""
    sizes = call.sizes(size, rank)
    strides = sizes if call.value("strides") is None else call.sizes("strides", rank)
    return tuple(map(Window, sizes, strides, call.sizes("dilation_rate", rank, 1)))


def window_lengths(
    call: Call, spatial: Sequence[Axis], over: Sequence[Window], padding: str | None, message: str
) -> tuple[Axis, ...] | Refusal | None:
    """How often the windows fit along each axis; the refusal where one certainly does not fit."""
    if padding is None:
        return tuple(None if length is None else untold() for length in spatial)
    if None in spatial and _forgets_lengths(call, over):
        return (None,) * len(over)
    lengths: list[Axis] = []
    for length, window in zip(spatial, over):
        fitted = window_length(length, window.size, window.stride, padding, window.dilation)
        if isinstance(fitted, Mismatch):
            if _is_let_through(call, fitted):
                lengths.append(untold())
                continue
            expected = f"at least {fitted.right} along the axis of {fitted.left}"
            return call.refuse(message, "window", expected, window=fitted.right, length=fitted.left)
        lengths.append(fitted)
    return tuple(lengths)


def _forgets_lengths(call: Call, over: Sequence[Window]) -> bool:
    """Whether T2 knows no length where one is not known: these layers move dilated steps into the batch."""
    is_such = call.layer.class_name.startswith(("DepthwiseConv", "ConvLSTM"))
    return call.version is Version.T2 and is_such and any(window.dilation != 1 for window in over)


def _is_let_through(call: Call, mismatch: Mismatch) -> bool:
    """K2 with channels in front sometimes makes a length of 0 where just one step is missing."""
    if call.version is not Version.K2 or call.word("data_format", CHANNELS_LAST) == CHANNELS_LAST:
        return False
    left, right = mismatch.left, mismatch.right
    return left is None or right is None or equal(left + 1, right) is not Answer.NO
