"""The layers and inputs that `scripts/measure_layers.py` calls on real Keras: a fixed list, and a seeded random part.

A layer is written as in a program (`Resizing(4, 5)`), an input as its shape without the batch; `:int32` or `:string` at
its end is the dtype, a list stands for several tensors.  ` | ` parts the layer from further arguments of its call.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

Case = tuple[str, str]


def cases() -> list[Case]:
    """All cases, each once, in a fixed order."""
    found = [pair for part in _PARTS for pair in part]
    found += _random_cases(random.Random(2026))
    return list(dict.fromkeys(found))


def _each(layers: list[str], inputs: list[str]) -> list[Case]:
    return [(layer, text) for layer in layers for text in inputs]


def masked_cases() -> list[Case]:
    """Layers behind `Masking`: an input is a shape, or two shapes with a word for which of them is masked."""
    alone = [
        pair
        for layers in (_BEHIND_MASKS,)
        for pair in _each(layers, ["(5, 3)", "(5, 5)", "(None, 3)", "(1, 3)", "(4, 6)"])
    ]
    return alone + _each(_MERGING_MASKS, [f"[(5, 3), (5, 3)] {which}" for which in ("both", "first", "second")])


_BEHIND_MASKS = [
    "LSTM(4)", "LSTM(4, return_sequences=True)", "GRU(4)", "SimpleRNN(4)", "Bidirectional(LSTM(4))",
    "Bidirectional(LSTM(4, return_sequences=True))", "RNN(LSTMCell(4))", "RNN([LSTMCell(4), LSTMCell(5)])",
    "TimeDistributed(Dense(4))", "TimeDistributed(Flatten())", "TimeDistributed(Dropout(0.5))", "Dense(4)", "Dropout(0.5)",
    "SpatialDropout1D(0.5)", "GaussianNoise(0.5)", "GaussianDropout(0.5)", "AlphaDropout(0.5)", "ActivityRegularization()",
    "BatchNormalization()", "LayerNormalization()", "UnitNormalization()", "GroupNormalization(1)", "GroupNormalization(3)",
    "RMSNormalization()", "Normalization()", "Rescaling(2.0)", "Activation('relu')", "Activation('softmax')", "Softmax()",
    "Softmax(axis=1)", "ReLU()", "LeakyReLU()", "ELU()", "PReLU()", "Identity()", "Masking()", "Conv1D(4, 2)",
    "SeparableConv1D(4, 2)", "DepthwiseConv1D(2)", "Conv1DTranspose(4, 2)", "MaxPooling1D(2)", "AveragePooling1D(2)",
    "GlobalMaxPooling1D()", "GlobalAveragePooling1D()", "AdaptiveMaxPooling1D(2)", "Flatten()", "Reshape((-1,))",
    "Permute((2, 1))", "UpSampling1D(2)", "ZeroPadding1D(1)", "Cropping1D(1)", "EinsumDense('...x,xy->...y', 4)",
    "SpectralNormalization(Dense(4))", "ReversibleEmbedding(6, 4)", "STFTSpectrogram(frame_length=2)", "Pipeline([Dense(4)])",
    "Embedding(6, 4)",
]  # fmt: skip
_MERGING_MASKS = [
    "Add()", "Subtract()", "Multiply()", "Average()", "Maximum()", "Minimum()", "Concatenate()", "Concatenate(axis=1)",
    "Dot(-1)", "Attention()", "AdditiveAttention()", "MultiHeadAttention(2, 3)",
]  # fmt: skip
_FLAT = ["()", "(1,)", "(3,)", "(5,)", "(None,)", "(4, 1)", "(4, 3)", "(None, 3)", "(2, 4, 3)"]
_IMAGES = [
    "(3,)", "(8, 3)", "(8, 9, 3)", "(8, 9, 1)", "(8, 9, 4)", "(3, 8, 9)", "(None, 9, 3)", "(None, None, 3)",
    "(8, 9, None)", "(2, 8, 9, 3)",
]  # fmt: skip
_INTS = [text + ":int32" for text in _FLAT]
_STRINGS = [text + ":string" for text in _FLAT]

_RANDOM_PLAIN = [
    "RandomBrightness(0.2)", "RandomContrast(0.2)", "RandomFlip()", "RandomFlip('horizontal')", "RandomRotation(0.2)",
    "RandomTranslation(0.1, 0.1)", "RandomZoom(0.2)", "RandomColorDegeneration(0.3)", "RandomColorJitter()",
    "RandomErasing()", "RandomGaussianBlur()", "RandomGrayscale()", "RandomHue(0.1)", "RandomInvert()",
    "RandomPerspective()", "RandomPosterization(4)", "RandomSaturation(0.2)", "RandomSharpness(0.2)", "RandomShear(0.1)",
    "RandomElasticTransform()", "AugMix()", "AutoContrast()", "CutMix()", "Equalization()", "MixUp()", "RandAugment()",
    "Solarization()", "ContrastLimitedAdaptiveHistogramEqualization()", "RandomHeight(0.2)", "RandomWidth(0.2)",
]  # fmt: skip
_CODES = [
    f"{name}{end}"
    for name in ("CategoryEncoding(num_tokens=6", "Hashing(7", "Discretization([0.0, 1.0]", "IntegerLookup(vocabulary=[5, 6, 7]")
    for end in (")", *(f", output_mode='{mode}')" for mode in ("int", "one_hot", "multi_hot", "count")))
]  # fmt: skip
_VECTORIZERS = [
    "TextVectorization()", "TextVectorization(max_tokens=9)", "TextVectorization(output_sequence_length=4)",
    "TextVectorization(9, output_sequence_length=4)", "TextVectorization(9, output_mode='multi_hot')",
    "TextVectorization(9, output_mode='count', pad_to_max_tokens=True)", "TextVectorization(vocabulary=['a', 'b'])",
    "TextVectorization(vocabulary=['a', 'b'], output_mode='multi_hot')",
    "TextVectorization(vocabulary=['a', 'b'], output_mode='tf_idf', idf_weights=[0.5, 0.5])",
    "TextVectorization(8, vocabulary=['a', 'b'], output_mode='count', pad_to_max_tokens=True)",
    "TextVectorization(split=None, vocabulary=['a', 'b'], output_mode='multi_hot')",
    "TextVectorization(split='character', output_sequence_length=3)", "TextVectorization(ngrams=2)",
    "TextVectorization(split=None)",
]  # fmt: skip
_LOOKUPS = [
    "StringLookup()", "StringLookup(vocabulary=['a', 'b'])", "StringLookup(vocabulary=['a', 'b'], output_mode='one_hot')",
    "StringLookup(vocabulary=['a', 'b'], output_mode='multi_hot')",
    "StringLookup(vocabulary=['a', 'b'], num_oov_indices=0, output_mode='count')",
    "StringLookup(vocabulary=['a', 'b'], mask_token='', output_mode='one_hot')",
    "StringLookup(vocabulary=['a', 'b'], mask_token='', output_mode='int')",
    "StringLookup(max_tokens=7, vocabulary=['a', 'b'], output_mode='multi_hot', pad_to_max_tokens=True)",
    "StringLookup(max_tokens=7, output_mode='multi_hot')", "StringLookup(num_oov_indices=3, vocabulary=['a'])",
    "StringLookup(num_oov_indices=3, vocabulary=['a'], output_mode='multi_hot')",
    "StringLookup(vocabulary=['a', 'b'], output_mode='tf_idf', idf_weights=[0.5, 0.5])",
]  # fmt: skip
_EINSUM = [
    "EinsumDense('ab,bc->ac', 4)", "EinsumDense('ab,bc->ac', output_shape=4, bias_axes='c')",
    "EinsumDense('abc,cd->abd', output_shape=(None, 4))", "EinsumDense('abc,cd->abd', (None, 4), bias_axes='d')",
    "EinsumDense('abc,cd->abd', (5, 4), bias_axes='bd')", "EinsumDense('...x,xy->...y', 4)",
    "EinsumDense('...x,xy->...y', output_shape=4, bias_axes='y')", "EinsumDense('abc,cde->abde', (None, 2, 4))",
    "EinsumDense('abc,cde->abde', (None, 2, 4), bias_axes='de')", "EinsumDense('abcd,cde->abe', (None, 4))",
    "EinsumDense('abcd,cde->abe', (None, 4), bias_axes='e')", "EinsumDense('abc,bd->adc', (4, 3))",
    "EinsumDense('abc,bd->adc', (4, None))", "EinsumDense('ab...,bc->ac...', 4)",
    "EinsumDense('ab...,bc->ac...', 4, bias_axes='c')", "EinsumDense('...ab,bc->...ac', (None, 4))",
    "EinsumDense('...ab,bc->...ac', (5, 4), bias_axes='c')", "EinsumDense('abc,c->ab', None)",
    "EinsumDense('abc,acd->abd', (None, 4))", "EinsumDense('ab,cd->ad', 4)",
]  # fmt: skip
_WRAPPERS = [
    "SpectralNormalization(Dense(4))", "SpectralNormalization(Conv1D(4, 3))", "SpectralNormalization(Conv2D(4, 3))",
    "SpectralNormalization(Embedding(6, 4))", "SpectralNormalization(Conv2DTranspose(4, 3))",
    "SpectralNormalization(EinsumDense('...x,xy->...y', 4))",
    "SpectralNormalization(Dropout(0.5))", "SpectralNormalization(LSTM(4))",
    "TimeDistributed(SpectralNormalization(Dense(4)))", "TimeDistributed(TimeDistributed(Dense(4)))",
    "TimeDistributed(BatchNormalization())", "TimeDistributed(Embedding(6, 4))", "TimeDistributed(Reshape((-1,)))",
    "TimeDistributed(GlobalMaxPooling1D())", "TimeDistributed(LSTM(4, return_sequences=True))",
    "TimeDistributed(Dropout(0.5))", "TimeDistributed(RepeatVector(2))", "TimeDistributed(Dense(4, use_bias=False))",
    "TimeDistributed(Bidirectional(LSTM(4)))", "TimeDistributed(LayerNormalization())", "TimeDistributed(Softmax())",
    "TimeDistributed(PReLU())", "TimeDistributed(Conv1D(4, 2, padding='same'))", "TimeDistributed(GRU(4, return_state=True))",
]  # fmt: skip
_SEQUENCES = [
    "(6,)",
    "(5, 6)",
    "(None, 6)",
    "(5, None)",
    "(5, 8, 6)",
    "(None, 8, 6)",
    "(5, 8, 9, 3)",
    "(5, 6, 8, 9, 3)",
]

_PARTS: list[list[Case]] = [
    _each(_RANDOM_PLAIN, _IMAGES),
    _each(["CenterCrop(4, 5)", "CenterCrop(20, 5)", "CenterCrop(4, 5, data_format='channels_first')", "Resizing(4, 5)",
           "Resizing(4, 5, data_format='channels_first')", "Resizing(4, 5, crop_to_aspect_ratio=True)",
           "Resizing(4, 5, pad_to_aspect_ratio=True)", "RandomCrop(4, 5)", "RandomCrop(20, 5)",
           "RandomCrop(4, 5, data_format='channels_first')", "Rescaling(2.0)", "Rescaling(1 / 255, offset=-1)"], _IMAGES),
    _each(["Rescaling(2.0)", "Normalization()", "Normalization(axis=None)", "Normalization(axis=1)",
           "Normalization(axis=(1, 2))", "Normalization(mean=1.0, variance=2.0)",
           "Normalization(mean=[1.0, 1.0, 1.0], variance=[2.0, 2.0, 2.0])", "Normalization(axis=None, mean=1.0, variance=2.0)",
           ], [*_FLAT, "(3,):int32"]),
    _each(_CODES, [*_INTS, "(3,)"]),
    _each(_LOOKUPS, _STRINGS),
    _each(_VECTORIZERS, _STRINGS),
    _each(["IntegerLookup()", "IntegerLookup(vocabulary=[5, 6], num_oov_indices=2, output_mode='multi_hot')",
           "IntegerLookup(max_tokens=9, vocabulary=[5, 6], pad_to_max_tokens=True, output_mode='multi_hot')",
           "IntegerLookup(vocabulary=[5, 6], mask_token=0, output_mode='one_hot')", "Discretization(num_bins=5)",
           "Discretization(num_bins=5, output_mode='one_hot')", "CategoryEncoding(output_mode='count', num_tokens=3)",
           "Hashing(7, mask_value=0, output_mode='multi_hot')"], _INTS),
    _each(["HashedCrossing(9)", "HashedCrossing(9, output_mode='one_hot')"],
          ["[(), ()]:int32", "[(1,), (1,)]:int32", "[(3,), (3,)]:int32", "[(3,), (1,)]:int32", "[(4, 3), (4, 3)]:int32",
           "(3,):int32", "[(1,), (1,), (1,)]:int32"]),
    _each(_EINSUM, ["(6,)", "(5, 6)", "(5, 3)", "(None, 6)", "(None, 3)", "(5, None)", "(5, 3, 6)", "(None, 3, 6)",
                    "(5, 3, 2, 6)", "(3, 2)"]),
    _each(_WRAPPERS, _SEQUENCES),
    _each(["ReversibleEmbedding(6, 4)", "ReversibleEmbedding(6, 4, tie_weights=False)",
           "ReversibleEmbedding(6, 4) | reverse=True", "ReversibleEmbedding(6, 4, tie_weights=False) | reverse=True"],
          ["()", "(4,)", "(5, 4)", "(None, 4)", "(5, 3)", "(5, 1)"]),
    _each(["MelSpectrogram()", "MelSpectrogram(fft_length=16, sequence_stride=4, num_mel_bins=5)"],
          ["()", "(64,)", "(4000,)", "(None,)", "(64, 1)", "(64, 3)"]),
    _each(["STFTSpectrogram(frame_length=16, frame_step=4)", "STFTSpectrogram(frame_length=16)",
           "STFTSpectrogram(mode='stft', frame_length=16, frame_step=4)",
           "STFTSpectrogram(frame_length=16, frame_step=4, fft_length=32)",
           "STFTSpectrogram(frame_length=16, frame_step=4, padding='same')",
           "STFTSpectrogram(frame_length=16, frame_step=4, expand_dims=True)",
           "STFTSpectrogram(frame_length=16, frame_step=4, data_format='channels_first')",
           "STFTSpectrogram(frame_length=16, frame_step=4, expand_dims=True, data_format='channels_first')"],
          ["(64,)", "(64, 1)", "(64, 3)", "(2, 64)", "(None, 1)", "(10, 1)", "(64, None)", "(2, 64, 1)"]),
    _each([f"Adaptive{kind}Pooling{rank}D({size}{rest})" for kind in ("Average", "Max") for rank, size in
           ((1, 2), (1, (2,)), (2, 2), (2, (2, 3)), (3, 2), (3, (1, 2, 3)), (1, 7), (2, (20, 3)))
           for rest in ("", ", data_format='channels_first'")],
          ["(6,)", "(6, 4)", "(None, 4)", "(8, 6, 4)", "(None, 6, 4)", "(None, None, 4)", "(6, 8, 6, 4)", "(5, None, 6, 4)",
           "(6, None)"]),
    _each(["MaxNumBoundingBoxes(3)"], ["(5, 4)"]),
    _each(["Pipeline([Dense(4), Dropout(0.5)])", "Pipeline([Resizing(4, 5), Rescaling(2.0)])", "Pipeline([])"],
          ["(6,)", "(8, 9, 3)", "(5, 6)"]),
    _each(["Identity()", "UnitNormalization()", "UnitNormalization(axis=1)", "RMSNormalization()", "RMSNormalization(axis=1)",
           "LayerNormalization(axis=1)", "LayerNormalization(axis=(1, 2))", "LayerNormalization(axis=[-2, -1])",
           "LayerNormalization(axis=5)", "LayerNormalization(scale=False)", "BatchNormalization(axis=1)",
           "BatchNormalization(axis=3)", "BatchNormalization(axis=[1, 2])", "BatchNormalization(scale=False, center=False)",
           "GroupNormalization(3)", "GroupNormalization(-1)", "GroupNormalization(3, axis=1)", "GroupNormalization(1, scale=False)",
           "LayerNormalization(rms_scaling=True)", "BatchNormalization(renorm=True)", "UnitNormalization(axis=4)",
           "UnitNormalization(axis=(1, 2))", "PReLU(shared_axes=[1])", "PReLU(shared_axes=[1, 2])", "Softmax(axis=1)",
           "Softmax(axis=3)", "Softmax(axis=(1, 2))", "Masking(0.0)", "ReLU(6.0)", "Activation('softmax')",
           "Activation('glu')"], ["()", "(6,)", "(5, 6)", "(None, 6)", "(5, None)", "(4, 5, 6)", "(3, None, 6)"]),
]  # fmt: skip


# --- the random part -------------------------------------------------------------------------------------------------


def _random_cases(rng: random.Random) -> Iterator[Case]:
    for make, count in _MAKERS:
        for _ in range(count):
            yield make(rng)


def _shape(rng: random.Random, rank: int, *, low: int = 1, high: int = 9, free: float = 0.15) -> str:
    dims = [None if rng.random() < free else rng.randint(low, high) for _ in range(rank)]
    return str(tuple(dims))


def _given(rng: random.Random, **choices: list[object]) -> str:
    """Some of the keywords, each with one of its values."""
    chosen = {name: rng.choice(values) for name, values in choices.items() if rng.random() < 0.4}
    return "".join(f", {name}={value!r}" for name, value in chosen.items())


def _per_axis(rng: random.Random, rank: int, high: int = 3) -> object:
    return rng.randint(1, high) if rng.random() < 0.6 else tuple(rng.randint(1, high) for _ in range(rank))


def _rank_of_input(rng: random.Random, rank: int) -> int:
    return rank + 1 if rng.random() < 0.9 else rng.randint(1, 5)


_FORMATS: list[object] = ["channels_first", "channels_last"]


def _convolution(rng: random.Random) -> Case:
    rank = rng.randint(1, 3)
    kind = rng.choice(("Conv{}D", "SeparableConv{}D", "DepthwiseConv{}D", "Conv{}DTranspose", "LocallyConnected{}D"))
    if rank == 3 and not kind.startswith("Conv"):
        rank = rng.randint(1, 2)
    paddings: list[object] = ["same", "valid"] + (["causal"] if rank == 1 else [])
    rest = _given(
        rng, padding=paddings, data_format=_FORMATS, use_bias=[False], strides=[_per_axis(rng, rank)],
        **({"groups": [2, 3], "dilation_rate": [_per_axis(rng, rank, 2)]} if kind == "Conv{}D" else {}),
        **({"depth_multiplier": [2], "dilation_rate": [_per_axis(rng, rank, 2)]} if kind[0] in "SD" else {}),
        **({"output_padding": [_per_axis(rng, rank, 2)], "dilation_rate": [_per_axis(rng, rank, 2)]} if "Trans" in kind else {}),
    )  # fmt: skip
    filters = "" if kind.startswith("Depthwise") else "6, "
    return f"{kind.format(rank)}({filters}{_per_axis(rng, rank)}{rest})", _shape(rng, _rank_of_input(rng, rank))


def _pooling(rng: random.Random) -> Case:
    rank = rng.randint(1, 3)
    kind = rng.choice(("Max", "Average", "GlobalMax", "GlobalAverage"))
    if kind.startswith("Global"):
        rest = _given(rng, data_format=_FORMATS, keepdims=[True, False]).removeprefix(", ")
    else:
        rest = str(_per_axis(rng, rank)) + _given(
            rng, padding=["same", "valid"], data_format=_FORMATS, strides=[_per_axis(rng, rank)]
        )
    return f"{kind}Pooling{rank}D({rest})", _shape(rng, _rank_of_input(rng, rank))


def _resizing(rng: random.Random) -> Case:
    rank = rng.randint(1, 3)
    kind = rng.choice(("Cropping", "ZeroPadding", "UpSampling"))
    formats = _given(rng, data_format=_FORMATS) if rank > 1 else ""
    one: object = rng.randint(1, 2)
    pairs: object = tuple((rng.randint(0, 2), rng.randint(0, 2)) for _ in range(rank))
    argument = one if rng.random() < 0.5 or (kind == "UpSampling" and rank == 1) else pairs
    if kind == "UpSampling" and argument is pairs:
        argument = tuple(rng.randint(1, 3) for _ in range(rank))
    elif rank == 1 and argument is pairs:
        argument = (rng.randint(0, 2), rng.randint(0, 2))
    return f"{kind}{rank}D({argument}{formats})", _shape(rng, _rank_of_input(rng, rank))


def _recurrent_maps(rng: random.Random) -> Case:
    rank = rng.randint(1, 3)
    rest = _given(
        rng, padding=["same", "valid"], data_format=_FORMATS, strides=[2], dilation_rate=[2], return_sequences=[True],
        return_state=[True], use_bias=[False],
    )  # fmt: skip
    return f"ConvLSTM{rank}D(2, {_per_axis(rng, rank)}{rest})", _shape(rng, rank + 2, low=2, high=6, free=0.1)


def _recurrent(rng: random.Random) -> Case:
    name = rng.choice(("LSTM", "GRU", "SimpleRNN"))
    rest = _given(
        rng, return_sequences=[True], return_state=[True], use_bias=[False], go_backwards=[True], unroll=[True],
        time_major=[True], reset_after=[True, False], dropout=[0.2], stateful=[True],
    )  # fmt: skip
    inner = rng.choice(("{}({}{})", "{}({}{})", "RNN({}Cell({}){})", "Bidirectional({}({}{}))"))
    if inner.startswith("RNN"):
        rest = _given(rng, return_sequences=[True], return_state=[True], go_backwards=[True])
    if inner.startswith("Bi") and rng.random() < 0.5:
        inner = inner[:-1] + f", merge_mode={rng.choice(('sum', 'mul', 'ave', 'concat', None))!r})"
    return inner.format(name, rng.randint(1, 5), rest), _shape(rng, 2 if rng.random() < 0.9 else rng.randint(0, 4))


def _merge(rng: random.Random) -> Case:
    name = rng.choice(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Concatenate"))
    rest = _given(rng, axis=[-1, 1, 2, -2, 3]).removeprefix(", ") if name == "Concatenate" else ""
    rank, count = rng.randint(1, 3), 2 if name == "Subtract" else rng.randint(2, 3)
    base = [rng.choice((None, 2, 3)) for _ in range(rank)]
    inputs = [_variant(rng, base) for _ in range(count)]
    return f"{name}({rest})", str(inputs)


def _variant(rng: random.Random, base: list[int | None]) -> tuple[int | None, ...]:
    """The dims, one of them now and then another; seldom one more or less."""
    dims = [rng.choice((1, 2, 3, None)) if rng.random() < 0.25 else dim for dim in base]
    if rng.random() < 0.1:
        dims = dims[1:] if len(dims) > 1 else [*dims, 3]
    return tuple(dims)


def _dot(rng: random.Random) -> Case:
    ranks = rng.randint(1, 3), rng.randint(1, 3)
    axes: object = rng.choice((-1, 1, 2, (1, 1), (2, 1), (1, 2), (-1, 1), (2, 2), (3, 1)))
    inputs = [tuple(rng.choice((2, 2, 2, 3, None)) for _ in range(rank)) for rank in ranks]
    return f"Dot({axes}{_given(rng, normalize=[True])})", str(inputs)


def _attention(rng: random.Random) -> Case:
    name = rng.choice(("Attention", "AdditiveAttention"))
    rest = _given(rng, use_scale=[True, False], score_mode=["concat", "dot"] if name == "Attention" else ["dot"])
    if name == "AdditiveAttention":
        rest = _given(rng, use_scale=[True, False])
    call = rng.choice(("", "", " | return_attention_scores=True"))
    return f"{name}({rest.removeprefix(', ')}){call}", str(
        _queries(rng, 2 if rng.random() < 0.85 else rng.randint(1, 3))
    )


def _queries(rng: random.Random, rank: int) -> list[tuple[int | None, ...]]:
    """A query, a value and perhaps a key, of one size at the end, mostly."""
    size = rng.randint(1, 4)
    front = tuple(rng.randint(2, 3) for _ in range(max(rank - 2, 0)))
    steps = rng.choice((None, 5, 6))
    query = (*front, rng.choice((None, 4, 5)), size)[-rank:]
    value = (*front, steps, size if rng.random() < 0.7 else rng.randint(1, 4))[-rank:]
    return [query, value] if rng.random() < 0.6 else [query, value, (*front, steps, size)[-rank:]]


def _heads(rng: random.Random) -> Case:
    if rng.random() < 0.2:
        text = f"GroupQueryAttention(3, 4, {rng.choice((1, 2, 4))}{_given(rng, use_bias=[False])})"
    else:
        rest = _given(rng, value_dim=[5], use_bias=[False], output_shape=[7, (2, 7)], attention_axes=[1, (1, 2), (2,)])
        text = f"MultiHeadAttention({rng.randint(1, 3)}, {rng.randint(1, 4)}{rest})"
    call = rng.choice(("", "", " | return_attention_scores=True"))
    return text + call, str(_queries(rng, 2 if rng.random() < 0.6 else rng.choice((1, 3, 3))))


_MAKERS = (
    (_convolution, 420), (_pooling, 160), (_resizing, 120), (_recurrent_maps, 70), (_recurrent, 160), (_merge, 140),
    (_dot, 70), (_attention, 70), (_heads, 110),
)  # fmt: skip
