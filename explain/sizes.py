"""How large a result will be, told from the arguments before anything is computed. Imported by explain.limits.

A rule may overstate, never understate: a function that makes large arrays out of small ones
needs a line in SIZES, one whose work is far more than its result's size a line in WORK.
"""

import math
import numbers

from explain.measures import broadcast, elements, shape


def result_size(name, args, kwargs):
    """At most so many elements has the result of a function or method; a method's own value is args[0].

    >>> result_size("ones", (3, 4), {}), result_size("exp", (0.5,), {})
    (12, 1)
    """
    return _figure(name, SIZES.get(name, _size_words), args, kwargs)


def call_work(name, args, kwargs):
    """About so many multiplications does a call take, where that is more than its result's size."""
    return _figure(name, WORK[name], args, kwargs) if name in WORK else 0


def _figure(name, rule, args, kwargs):
    try:
        return rule(args, kwargs)
    except IndexError:
        raise ValueError(f"{name} takes its arguments in order here, without keywords") from None
    except (TypeError, ValueError, AttributeError, OverflowError, ZeroDivisionError):
        return 0  # arguments of a wrong kind: the function itself complains about those


# Integers among arguments

SIZE_WORDS = ("size", "shape", "num", "steps", "n", "m", "N", "M", "reps", "repeats", "num_classes", "minlength")
PAD_WORDS = ("pad", "pad_width", "padding")
CONV_WORDS = ("padding", "stride", "dilation", "output_padding", "groups")


def _integers(value):
    """The integers in nested lists and small arrays.

    >>> list(_integers([(2, 3), 4, None, 5.0]))
    [2, 3, 4, 5]
    """
    if isinstance(value, numbers.Real):
        if math.isfinite(value):
            yield int(value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _integers(item)
    elif hasattr(value, "tolist") and elements(value) <= 64:
        yield from _integers(value.tolist())


def _named(kwargs, words):
    return list(_integers([kwargs[word] for word in words if word in kwargs]))


def _product(values):
    return math.prod(max(1, abs(n)) for n in _integers(list(values)))


def _spread(values):
    return sum(map(abs, _integers(list(values))))


# Rules: each takes (args, kwargs) and returns a number of elements


def _size_words(args, kwargs):
    return _product(_named(kwargs, SIZE_WORDS))


def _sizes_from(first, last=None):
    """The rule of a function whose arguments from `first` to `last` are sizes."""
    return lambda args, kwargs: _product(args[first:last]) * _size_words(args, kwargs)


def _eye(args, kwargs):
    sizes = [*_integers(list(args[:2])), *_named(kwargs, SIZE_WORDS)]
    return _product(sizes) if len(sizes) > 1 else _product(sizes) ** 2


def _triangle(args, kwargs):
    return 2 * max(map(abs, _integers([*args, *kwargs.values()])), default=0) ** 2


def _arange(args, kwargs):
    bounds = [float(x) for x in (*args[:3], *(kwargs[word] for word in ("start", "stop", "end") if word in kwargs))]
    step = float(kwargs["step"]) if "step" in kwargs else bounds[2] if len(bounds) > 2 else 1.0
    start, stop = bounds[:2] if len(bounds) > 1 else (0.0, bounds[0])
    return (stop - start) / step + 1


def _points(args, kwargs):
    return math.prod(broadcast(*map(shape, args[:2]))) * _product(args[2:]) * _size_words(args, kwargs)


def _random(args, kwargs):
    first = 2 if len(args) > 2 else 1  # of the sizes
    listed = [value for value in args[:first] if isinstance(value, (list, tuple))]
    return _product([*listed, *args[first:]]) * _size_words(args, kwargs)


def _repeated(args, kwargs):
    return elements(args[0]) * _product(args[1:]) * _size_words(args, kwargs)


def _expanded(args, kwargs):
    own, sizes = shape(args[0]), list(_integers([*args[1:], *kwargs.values()]))
    own = (1,) * (len(sizes) - len(own)) + own
    return math.prod(own[at] if n == -1 else max(0, n) for at, n in enumerate(sizes))


def _outer(args, kwargs):
    return math.prod(map(elements, (*args, *kwargs.values())))


def _meshgrid(args, kwargs):
    return _outer(args, {}) * len(args)


def _diagonals(args, kwargs):
    last = max(1, shape(args[0])[-1])
    return elements(args[0]) // last * (last + _spread([*args[1:2], *kwargs.values()])) ** 2


def _diag(args, kwargs):
    return _diagonals(args, kwargs) if len(shape(args[0])) == 1 else elements(args[0])


def _diagflat(args, kwargs):
    return (elements(args[0]) + _spread([*args[1:2], *kwargs.values()])) ** 2


def _vander(args, kwargs):
    return _repeated(args, kwargs) * (1 if len(args) > 1 else elements(args[0]))


def _classes(args, kwargs):
    """One class for every value up to the greatest, where fewer are asked for."""
    greatest = int(args[0].max()) + 1 if elements(args[0]) else 0
    return elements(args[0]) * max(greatest, _product(args[1:2]) * _size_words(args, kwargs))


def _padded(args, kwargs):
    added = _spread([*args[1:2], *_named(kwargs, PAD_WORDS)])
    return math.prod(n + 2 * added for n in shape(args[0]))


def _windows(args, kwargs):
    return elements(args[0]) * _product([*args[1:], *kwargs.values()]) ** 2


def _taken(args, kwargs):
    axis = kwargs.get("axis", args[2] if len(args) > 2 else None)
    each = 1 if axis is None else elements(args[0]) // max(1, shape(args[0])[axis])
    return elements(args[1]) * each


def _selected(args, kwargs):
    return _taken((args[0], args[2], args[1]), {})


def _embedded(args, kwargs):
    return elements(args[0]) * shape(args[1])[-1]


def _matmul(args, kwargs):
    left, right = shape(args[0]), shape(args[1])
    rows = left[-2] if len(left) > 1 else 1
    columns = right[-1] if len(right) > 1 else 1
    return math.prod(broadcast(left[:-2], right[:-2])) * rows * columns


def _matmul_work(args, kwargs):
    return _matmul(args, kwargs) * math.prod(shape(args[0])[-1:])


def _row_pairs(args, kwargs):
    return math.prod(elements(value) // max(1, shape(value)[-1]) for value in (args[0], args[1]))


def _row_pairs_work(args, kwargs):
    return _row_pairs(args, kwargs) * shape(args[0])[-1]


def _dot(args, kwargs):
    both = shape(args[0]) and shape(args[1])
    return _tensordot((args[0], args[1], ([-1], [max(-2, -len(both))])), {}) if both else _outer(args, kwargs)


def _linear(args, kwargs):
    return elements(args[0]) // max(1, shape(args[0])[-1]) * shape(args[1])[0]


def _linear_work(args, kwargs):
    return _linear(args, kwargs) * shape(args[1])[-1]


def _contracted(args, kwargs):
    """Sizes of the axes that tensordot sums over, of either array."""
    axes = kwargs.get("axes", kwargs.get("dims", args[2] if len(args) > 2 else 2))
    left, right = shape(args[0]), shape(args[1])
    if isinstance(axes, numbers.Integral):
        return left[len(left) - axes :], right[:axes]
    return [left[n] for n in _integers(axes[0])], [right[n] for n in _integers(axes[1])]


def _tensordot(args, kwargs):
    left, right = (max(1, math.prod(sizes)) for sizes in _contracted(args, kwargs))
    return elements(args[0]) // left * (elements(args[1]) // right)


def _tensordot_work(args, kwargs):
    return _tensordot(args, kwargs) * math.prod(_contracted(args, kwargs)[0])


def _einsum_sizes(args):
    """(the size of every letter, the letters of the result); '...' counts as letters of its own."""
    inputs, arrow, output = args[0].replace(" ", "").partition("->")
    sizes, seen, hidden = {}, [], []
    for term, array in zip(inputs.split(","), args[1:]):
        before, dots, after = term.partition("...")
        rank = len(shape(array)) - len(before) - len(after) if dots else 0
        batch = [f"...{n}" for n in range(rank, 0, -1)]
        hidden = max(hidden, batch, key=len)
        seen += [*before, *batch, *after]
        for letter, size in zip([*before, *batch, *after], shape(array)):
            sizes[letter] = max(size, sizes.get(letter, 1))
    kept = [*output.replace("...", "")] if arrow else [letter for letter in sizes if seen.count(letter) == 1]
    return sizes, {*kept, *hidden}


def _einsum(args, kwargs):
    sizes, kept = _einsum_sizes(args)
    return math.prod(sizes.get(letter, 1) for letter in kept)


def _einsum_work(args, kwargs):
    return math.prod(_einsum_sizes(args)[0].values())


def _conv(rank):
    """The rule of a convolution over the last `rank` axes."""

    def rule(args, kwargs):
        image, kernel, spread = shape(args[0]), shape(args[1]), _spread([*args[3:], *_named(kwargs, CONV_WORDS)])
        return math.prod(image[: -rank - 1]) * kernel[0] * math.prod(n + 2 * spread for n in image[-rank:])

    return rule


def _conv_work(rank):
    return lambda args, kwargs: _conv(rank)(args, kwargs) * math.prod(shape(args[1])[1:])


def _conv_transpose(rank):
    def rule(args, kwargs):
        image, kernel, spread = shape(args[0]), shape(args[1]), _spread([*args[3:], *_named(kwargs, CONV_WORDS)])
        room = math.prod((n + k) * (1 + spread) for n, k in zip(image[-rank:], kernel[2:]))
        return math.prod(image[: -rank - 1]) * kernel[1] * (1 + spread) * room

    return rule


def _neighbours(args, kwargs):
    """A window over channels: as many terms as it is wide."""
    return elements(args[0]) * _product([*args[1:2], *_named(kwargs, ("size",))])


def _by_order(args, kwargs):
    """An order of a derivative or a dimension: the function's terms, each as large as the array."""
    return max(map(elements, args)) * _product([value for value in (*args, *kwargs.values()) if not shape(value)])


def _order_work(args, kwargs):
    orders = [*_integers([value for value in (*args, *kwargs.values()) if not shape(value)])]
    return max(map(abs, orders), default=0) ** 4


def _resampled(args, kwargs):
    """An image of a given size, or scaled, over the axes after the first two."""
    image, whole = shape(args[0]), elements(args[0])
    size = [*_integers([*args[1:2]]), *_named(kwargs, ("size", "output_size"))]
    scale = [*_integers([*args[2:3]]), *_named(kwargs, ("scale_factor",))]
    rank = max(1, len(image) - 2)
    made = math.prod(image[:2]) * (_product(size) ** (rank if len(size) == 1 else 1)) if size else 1
    return max(made, whole * (_product(scale) + 1) ** (rank if len(scale) == 1 else 1) if scale else 1)


def _full_svd(args, kwargs):
    return elements(args[0]) // max(1, min(shape(args[0])[-2:])) * max(shape(args[0])[-2:])


def _decomposition_work(args, kwargs):
    return 10 * elements(args[0]) * min(shape(args[0])[-2:])


def _matrix_power_work(args, kwargs):
    return 2 * _product(args[1:2]).bit_length() * _decomposition_work(args, kwargs) // 10


def _each(names, rule):
    return dict.fromkeys(names.split(), rule)


SIZES = {
    **_each("ones zeros empty rand randn randperm", _sizes_from(0)),
    **_each("new_ones new_zeros new_empty multinomial", _sizes_from(1)),
    **_each("mvlgamma multigammaln", _by_order),
    **_each("full", _sizes_from(0, 1)),
    **_each("new_full", _sizes_from(1, 2)),
    **_each("eye identity tri", _eye),
    **_each("tril_indices triu_indices", _triangle),
    **_each("arange range", _arange),
    **_each("linspace logspace geomspace", _points),
    **_each("randint normal uniform", _random),
    **_each("tile repeat repeat_interleave", _repeated),
    **_each("expand broadcast_to", _expanded),
    **_each("outer ger kron cartesian_prod", _outer),
    **_each("meshgrid", _meshgrid),
    **_each("diag", _diag),
    **_each("diag_embed", _diagonals),
    **_each("diagflat", _diagflat),
    **_each("vander", _vander),
    **_each("one_hot bincount", _classes),
    **_each("pad", _padded),
    **_each("unfold", _windows),
    **_each("take", _taken),
    **_each("index_select", _selected),
    **_each("embedding", _embedded),
    **_each("matmul mm bmm mv", _matmul),
    **_each("inner cdist", _row_pairs),
    **_each("dot", _dot),
    **_each("linear", _linear),
    **_each("tensordot", _tensordot),
    **_each("einsum", _einsum),
    **{f"conv{rank}d": _conv(rank) for rank in (1, 2, 3)},
    **{f"conv_transpose{rank}d": _conv_transpose(rank) for rank in (1, 2, 3)},
    **_each("local_response_norm", _neighbours),
    **_each("interpolate upsample upsample_nearest upsample_bilinear fold", _resampled),
    **_each("adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d", _resampled),
    **_each("adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d", _resampled),
    **_each("svd", _full_svd),
}

WORK = {
    **_each("matmul mm bmm mv dot", _matmul_work),
    **_each("inner cdist", _row_pairs_work),
    **_each("linear", _linear_work),
    **_each("tensordot", _tensordot_work),
    **_each("einsum", _einsum_work),
    **_each("polygamma", _order_work),
    **_each("convolve correlate", _outer),
    **{f"conv{rank}d": _conv_work(rank) for rank in (1, 2, 3)},
    **_each("eig eigvals eigh eigvalsh svd svdvals pinv matrix_exp matrix_rank qr lstsq cond", _decomposition_work),
    **_each("matrix_power", _matrix_power_work),
}
