"""Operations on tensors: of `tf`, `tf.math`, `tf.nn`, `keras.ops` and `keras.backend`, which mean the same things.

`RULES` lists them by their last name; `family` finds them in any of the modules.
"""

from __future__ import annotations

from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Ref,
    Sequence,
    Value,
    from_dim,
    tuple_of,
    unknown,
)
from lstmlint.keras.operations import OPERATORS
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import given, shape_argument
from lstmlint.libraries.arrays import NDARRAY, TENSOR, Array, Range, alike, as_array, element, make
from lstmlint.libraries.dtypes import dtype_of, is_numeric
from lstmlint.libraries.keras_values import version_of
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.tensor_graph import belongs_to_graph, foreign_words, perform, refuse_numpy, symbolic_arguments
from lstmlint.libraries.tensor_images import opaque, recoloured, resize, same_images
from lstmlint.libraries.tensor_operands import Result, Rule, first, package, pick, sizes_of
from lstmlint.libraries.tensor_products import batch_dot, dot, einsum, product, tensordot
from lstmlint.libraries.tensor_rules import (
    COMPARISONS,
    TESTS,
    add_all,
    along_axis,
    arg_extreme,
    batch_flatten,
    bias_add,
    binary,
    broadcast_to,
    cast,
    concat,
    cut,
    elementwise,
    expand_dims,
    flatten,
    gather,
    matrix_transpose,
    member,
    moments,
    one_hot,
    pad,
    pad_inner,
    reduction,
    repeat,
    reshape,
    running,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    top_k,
    transpose,
    unstack,
    where,
)
from lstmlint.libraries.tensor_slices import get_item
from lstmlint.shapes.dims import ceil_div
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

KERAS_TENSOR = "keras.KerasTensor"
CONSTANTS: dict[str, Value] = {"tensorflow.newaxis": NONE}
BASES = {TENSOR: NDARRAY, "tensorflow.Variable": TENSOR}

_MODULES = frozenset({
    "tensorflow", "tensorflow.math", "tensorflow.nn", "tensorflow.linalg", "tensorflow.image", "tensorflow.compat.v1",
    "tensorflow.random", "tensorflow.signal", "keras.ops", "keras.ops.numpy", "keras.ops.nn", "keras.ops.image",
    "keras.ops.linalg", "keras.backend", "keras.activations", "keras.src.ops", "keras.random", OPERATORS,
})  # fmt: skip


# --- making ----------------------------------------------------------------------------------------------------------


def convert(call: Call) -> Result | None:
    """A tensor of the data given."""
    found = first(call, "initial_value")
    if found is None:
        return None
    is_variable = call.name.endswith("ariable")
    dtype = dtype_of(call.keywords.get("dtype") if is_variable else pick(call, 1, "dtype"), found.dtype)
    shape = call.keywords.get("shape")
    if shape is not None and given(shape) and not is_variable:
        return Result(shape_argument(call, shape)[0], dtype)
    return Result(found.shape, dtype, found.range)


#: Functions that fill a shape: where dtype stands among the positional arguments, and the least and greatest value.
_FILLED: dict[str, tuple[int, float | None]] = {
    "zeros": (1, 0), "ones": (1, 1), "fill": (9, None), "full": (2, None), "empty": (1, None), "normal": (3, None),
    "uniform": (3, None), "truncated_normal": (3, None), "random_normal": (3, None), "random_uniform": (3, None),
    "random_binomial": (2, None),
}  # fmt: skip


def filled(call: Call) -> Result | None:
    """A tensor of the shape given."""
    name = member(call)
    place, constant = _FILLED[name]
    given_shape = pick(call, 0, "shape", "dims", "size")
    sizes = sizes_of(call, given_shape) if symbolic_arguments(call) else None
    shape = shape_argument(call, given_shape)[0] if sizes is None else Shape(sizes)
    dtype = dtype_of(pick(call, place, "dtype"), None if name in ("fill", "full") else "float32")
    return Result(shape, dtype, None if constant is None else Range(constant, constant, integral=True))


def eye(call: Call, *args: Value) -> Value:
    """The identity matrix."""
    rows = call.dim(pick(call, 0, "num_rows", "size", "N"))
    columns = call.dim(pick(call, 1, "num_columns", "M")) if len(call.args) > 1 else rows
    if rows is None or columns is None:
        return make(call, Shape((call.symbol("n"), call.symbol("m"))), TENSOR, "float32")
    return make(call, Shape((rows, columns)), TENSOR, "float32", range=Range(0, 1, integral=True))


def range_(call: Call, *args: Value) -> Value:
    """Whole numbers in a row."""
    dims = [call.dim(pick(call, place, name)) for place, name in enumerate(("start", "limit", "delta"))]
    count = sum(dim is not None for dim in dims)
    if call.open_args or count < len(call.args) or not call.args:
        return make(call, Shape((call.symbol("len({})"),)), TENSOR)
    begin, end = (0, dims[0]) if len(call.args) == 1 and dims[1] is None else (dims[0], dims[1])
    step = dims[2] if dims[2] is not None else 1
    if begin is None or end is None or step == 0:
        return make(call, Shape((call.symbol("len({})"),)), TENSOR)
    length = ceil_div(end - begin, step)
    return make(call, Shape((length,)), TENSOR, "int32", range=Range(integral=True))


# --- what is known of a tensor ---------------------------------------------------------------------------------------


def _makes_tensor(call: Call) -> bool:
    """Whether what is known of a tensor comes as a tensor of the same graph (or is refused), not as a number."""
    if not any(belongs_to_graph(call, tensor) for tensor in symbolic_arguments(call)):
        return False
    if version_of(call) is Version.T2:
        return member(call) != "ndim"
    if version_of(call) is Version.K3:
        return foreign_words(call) is not None or (package(call).startswith("keras.ops") and member(call) != "shape")
    return False


def shape(call: Call, *args: Value) -> Value:
    """The dims: a tensor of sizes in a graph of tf.keras, else a tuple.

    A size that Keras does not know is None in `keras.ops` and else a number not known.
    """
    found = first(call)
    if _makes_tensor(call):
        return perform(_shape_tensor)(call)
    if found is None or not found.shape.exact:
        return call.unknown()
    missing = NONE if package(call).startswith("keras.ops") else unknown("a size", number="int")
    return tuple_of(*(missing if dim is None else from_dim(dim) for dim in found.shape.dims))


def _shape_tensor(call: Call) -> Result | None:
    found = first(call)
    if found is None:
        return None
    rank = found.shape.rank
    return Result(UNKNOWN_SHAPE, "int32") if rank is None else Result(Shape((rank,)), "int32", sizes=found.shape.dims)


def rank(call: Call, *args: Value) -> Value:
    """The number of axes."""
    if _makes_tensor(call):
        return perform(_rank_tensor)(call)
    found = first(call)
    known = None if found is None else found.shape.rank
    return call.unknown(number="int") if known is None else Const(known)


def _rank_tensor(call: Call) -> Result | None:
    found = first(call)
    known = None if found is None else found.shape.rank
    if known is None or member(call) == "ndim":  # as Keras 3 has it
        return None if known is None else Result(Shape((known,)))
    return Result(Shape(()), "int32", sizes=(known,))


def size(call: Call, *args: Value) -> Value:
    """The number of elements."""
    if _makes_tensor(call):
        return perform(_size_tensor)(call)
    found = first(call)
    total = None if found is None else found.shape.size
    return call.unknown(number="int") if total is None else from_dim(total)


def _size_tensor(call: Call) -> Result | None:
    found = first(call)
    return None if found is None else Result(Shape(()), "int32", sizes=(found.shape.size,))


def unchanged(call: Call, x: Value | None = None) -> Value:
    """The argument itself."""
    return call.unknown() if x is None else x


# --- the table -------------------------------------------------------------------------------------------------------

_ELEMENTS = (
    "abs absolute acos arccos asin arcsin atan arctan ceil clip clip_by_value clip_by_norm conj cos cosh digamma dropout "
    "elu erf exp expm1 floor gelu hard_sigmoid hard_silu hard_swish hard_tanh identity leaky_relu lgamma linear log "
    "log10 log2 log1p log_sigmoid mish nan_to_num negative ones_like reciprocal relu relu6 roll round rsqrt selu sigmoid "
    "sign silu sin sinh softplus softsign sort sqrt square stop_gradient swish tan tanh zeros_like full_like shuffle celu "
    "glu soft_shrink hard_shrink squareplus tril triu band_part bitcast argsort normalize "
    "reverse   real imag cross exponential"
)
_AXES = "softmax log_softmax l2_normalize flip"
_PAIRS = (
    "add divide divide_no_nan floordiv floor_divide floormod maximum minimum mod multiply multiply_no_nan pow power "
    "squared_difference subtract true_divide truediv atan2 arctan2 logaddexp"
)
_REDUCTIONS = "all any euclidean_norm logsumexp max mean min prod std sum var variance average median count_nonzero norm amax amin"
_SAME_IMAGES = (
    "flip_left_right flip_up_down adjust_brightness adjust_contrast adjust_hue adjust_saturation convert_image_dtype "
    "random_flip_left_right random_brightness random_contrast per_image_standardization"
)
_OPAQUE = (
    "diff gather_nd boolean_mask depth_to_space space_to_depth conv conv1d conv2d max_pool average_pool avg_pool "
    "max_pool1d max_pool2d avg_pool2d pool2d  diag diag_part diagonal trace outer tensor_scatter_nd_update map_fn "
    "scan searchsorted sequence_mask unique take_along_axis array_split hstack vstack strided_slice in_top_k scatter_nd "
    " segment_sum scalar_mul ensure_shape svd inv qr det cholesky complex resize_with_pad central_crop "
    "pad_to_bounding_box crop_to_bounding_box pad_images crop_images bincount  categorical_crossentropy "
    "binary_crossentropy sparse_categorical_crossentropy sigmoid_cross_entropy_with_logits rfft meshgrid  "
    "resize_images "
)


def _by_name(*groups: tuple[str, Rule]) -> dict[str, Rule]:
    return {name: rule for names, rule in groups for name in names.split()}


#: Rules by the last names of functions, which mean the same in all modules that have them.
RULES: dict[str, Rule] = _by_name(
    (_ELEMENTS, elementwise),
    (" ".join(TESTS), elementwise),
    (_AXES, along_axis),
    ("cumsum cumprod", running),
    (_PAIRS, binary),
    (" ".join(COMPARISONS), binary),
    (_REDUCTIONS, reduction),
    (" ".join(f"reduce_{name}" for name in _REDUCTIONS.split()), reduction),
    (" ".join(_FILLED), filled),
    ("argmax argmin arg_max arg_min", arg_extreme),
    ("convert_to_tensor constant Variable variable array", convert),
    ("concat concatenate", concat),
    ("transpose permute_dimensions", transpose),
    ("swapaxes moveaxis", swapaxes),
    ("flatten ravel", flatten),
    ("batch_flatten", batch_flatten),
    ("matmul", product),
    ("dot", dot),
    ("batch_dot", batch_dot),
    ("tensordot", tensordot),
    ("einsum", einsum),
    ("gather take embedding_lookup", gather),
    ("repeat repeat_elements", repeat),
    ("where switch", where),
    ("cast", cast),
    ("add_n", add_all),
    ("bias_add", bias_add),
    ("moments", moments),
    ("expand_dims", expand_dims),
    ("one_hot", one_hot),
    ("pad", pad),
    ("temporal_padding spatial_2d_padding", pad_inner),
    ("reshape", reshape),
    ("slice", cut),
    ("broadcast_to", broadcast_to),
    ("split", split),
    ("squeeze", squeeze),
    ("stack", stack),
    ("unstack", unstack),
    ("tile", tile),
    ("top_k", top_k),
    ("matrix_transpose", matrix_transpose),
    ("resize", resize),
    ("rgb_to_grayscale grayscale_to_rgb", recoloured),
    (
        _SAME_IMAGES,
        same_images,
    ),
    (_OPAQUE, opaque),
)

#: Functions that are no operations: what they give is not a tensor, or not made of tensors.
OTHERS: dict[str, Handler] = {
    "shape": shape, "rank": rank, "ndim": rank, "size": size, "eye": eye, "range": range_, "arange": range_,
}  # fmt: skip


def family(name: str) -> Handler | Value | None:
    """The operation of that name in any of the modules that have it."""
    module, _, function = name.rpartition(".")
    if module not in _MODULES:
        return None
    if name == "keras.activations.linear":
        return unchanged
    rule = RULES.get(function)
    return OTHERS.get(function) if rule is None else perform(rule)


# --- operators -------------------------------------------------------------------------------------------------------

_OPERATORS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "true_divide", "//": "floor_divide", "%": "mod", "**": "power",
    "@": "matmul", "&": "logical_and", "|": "logical_or", "^": "logical_xor", "==": "equal", "!=": "not_equal",
    "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
}  # fmt: skip
_SIGNS = {"-": "negative", "~": "logical_not", "abs": "abs"}


def _operation(call: Call, function: str, *args: Value) -> Value:
    own = Call(call.interpreter, call.site, f"{OPERATORS}.{function}", list(args), {})
    return perform(get_item if function == "get_item" else RULES[function])(own)


@model(f"{KERAS_TENSOR}.__binary__")
def symbolic_binary(call: Call, left: Value, op: Value, right: Value) -> Value:
    """`x + y`.  In Keras 3 numpy takes over where the left operand is its own, and cannot."""
    function = _OPERATORS.get(str(call.constant(op)))
    if function is None:
        return call.unknown()
    if isinstance(left, Array) and left.kind == NDARRAY and version_of(call) is Version.K3:
        refuse_numpy(Call(call.interpreter, call.site, f"numpy.{function}", [left, right], {}), right)
        return call.unknown()
    if version_of(call) is Version.K3 and any(isinstance(side, (Ref, Sequence)) for side in (left, right)):
        return call.unknown()
    return _operation(call, function, left, right)


@model(f"{KERAS_TENSOR}.__unary__")
def symbolic_unary(call: Call, value: Value, op: Value) -> Value:
    """`-x`, `~x`."""
    function = _SIGNS.get(str(call.constant(op)))
    return value if function is None else _operation(call, function, value)


@model(f"{KERAS_TENSOR}.__compare__")
def symbolic_compare(call: Call, left: Value, op: Value, right: Value) -> Value:
    """`x > y`; in Keras 3 `==` asks whether both are the same object."""
    function = _OPERATORS.get(str(call.constant(op)))
    is_identity = function == "equal" and version_of(call) is Version.K3
    if function is None or is_identity or NONE in (left, right):
        return call.unknown()
    return _operation(call, function, left, right)


@model(f"{KERAS_TENSOR}.__getitem__")
def symbolic_item(call: Call, tensor: Value, index: Value) -> Value:
    """`x[:, -1]`."""
    return _operation(call, "get_item", tensor, index)


@model(f"{KERAS_TENSOR}.__abs__")
def symbolic_abs(call: Call, value: Value) -> Value:
    """`abs(x)`."""
    return _operation(call, "abs", value)


@attribute(f"{KERAS_TENSOR}.ndim")
def symbolic_rank(call: Call, tensor: Value) -> Value:
    return rank(call)


@model(f"{KERAS_TENSOR}.reshape")
def symbolic_reshape(call: Call, tensor: Value) -> Value:
    """A method that Keras 3 has."""
    if version_of(call) is not Version.K3:
        return call.unknown()
    return _operation(call, "reshape", *call.args)


# --- methods of tensors ----------------------------------------------------------------------------------------------


@model(f"{TENSOR}.numpy")
def numpy(call: Call, self: Value) -> Value:
    """The data as an ndarray, or the number that it is."""
    found = as_array(call, self)
    if found is None:
        return call.unknown()
    plain = alike(call, found, kind=NDARRAY, range=found.range)
    return element(call, plain) if plain.shape == Shape(()) and is_numeric(plain.dtype) else plain


@model(f"{TENSOR}.get_shape")
def get_shape(call: Call, self: Value) -> Value:
    return call.attribute(self, "shape")


@model("builtins.tuple.as_list")
def as_list(call: Call, self: Value) -> Value:
    """The dims of a shape as a list."""
    items = call.items(self)
    return call.unknown() if items is None else call.new_list(items)


# --- what surrounds tensors ------------------------------------------------------------------------------------------


@model("tensorflow.function", "tensorflow.autograph.experimental.do_not_convert", "tensorflow.custom_gradient")
def decorator(call: Call, func: Value | None = None) -> Value:
    """A decorator that changes no values; with options it gives one."""
    return External("functools.identity") if func is None or isinstance(func, (Const, Sequence)) else func


@model(
    "tensorflow.random.set_seed", "tensorflow.set_random_seed", "tensorflow.compat.v1.set_random_seed",
    "tensorflow.config.run_functions_eagerly", "tensorflow.compat.v1.disable_eager_execution",
    "tensorflow.compat.v1.enable_eager_execution", "tensorflow.enable_eager_execution",
    "tensorflow.config.experimental.set_memory_growth", "tensorflow.config.set_visible_devices", "tensorflow.print",
    "tensorflow.debugging.set_log_device_placement", "tensorflow.compat.v1.disable_v2_behavior",
    "tensorflow.config.experimental_run_functions_eagerly", "tensorflow.logging.set_verbosity",
    "tensorflow.compat.v1.logging.set_verbosity", f"{TENSOR}.set_shape", "tensorflow.random.set_random_seed",
)  # fmt: skip
def to_none(call: Call, *args: Value) -> Value:
    """Settings, which change no values."""
    return NONE
