"""What a random program may write: one line of source a template, in PyTorch's names.

A template is (what it needs of its operands, how it is written). {x}, {y}, {z} are operands; other fields are drawn
by the generator. Operands are given as their shapes; a template says by a predicate on them whether it fits.
"""

# ruff: noqa: E501 - a line of data is read across
from dataclasses import dataclass
from itertools import zip_longest

from random_programs import rarer


@dataclass(frozen=True)
class Template:
    """A line of source and the shapes it takes; `domain` wraps operands so that values stay where it is smooth."""

    source: str
    operands: int = 1
    fits: object = None
    family: str = "elementwise"


def broadcast(*shapes):
    return all(len({size for size in sizes if size != 1}) <= 1 for sizes in
               zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1))  # fmt: skip


def any_shape(*_shapes):
    return True


def rank(low, high=9):
    return lambda *shapes: all(low <= len(shape) <= high for shape in shapes)


def matrices(a, b):
    return len(a) == 2 and len(b) == 2 and a[1] == b[0]


def same_matrices(a, b):
    return len(a) == 2 and a == b


def matrix_vector(a, b):
    return len(a) == 2 and len(b) == 1 and a[1] == b[0]


def vectors(a, b):
    return len(a) == 1 and a == b


def square(*shapes):
    return all(len(shape) == 2 and shape[0] == shape[1] for shape in shapes)


def square_and_vector(a, b):
    return square(a) and len(b) == 1 and a[1] == b[0]


def batches(a, b):
    return len(a) == 3 and len(b) == 3 and a[0] == b[0] and a[2] == b[1]


def same(*shapes):
    return len(set(shapes)) == 1


def same_with_axes(*shapes):
    return len(set(shapes)) == 1 and len(shapes[0]) > 0


def crossed(a, b):
    return a == b and len(a) > 0 and a[-1] == 3


UNARY = [
    "-{x}", "{x} * {c}", "{c} * {x}", "{x} + {c}", "{c} - {x}", "{x} / {c}", "{x} ** 2", "{x} ** 3", "{c} / ({x} * {x} + 1)",
    "torch.exp({x} / 2)", "torch.tanh({x})", "torch.sin({x})", "torch.cos({x})", "torch.sigmoid({x})",
    "torch.relu({x})", "torch.abs({x})", "torch.square({x})", "torch.log({x} * {x} + 1)", "torch.sqrt({x} * {x} + 2)",
    "torch.rsqrt({x} * {x} + 1)", "torch.log1p({x} * {x})", "torch.expm1({x} / 3)", "torch.atan({x})", "torch.sinh({x} / 2)",
    "torch.cosh({x} / 2)", "torch.asinh({x})", "torch.erf({x})", "torch.erfc({x})", "torch.reciprocal({x} * {x} + 1)",
    "F.softplus({x})", "F.silu({x})", "F.gelu({x})", "F.gelu({x}, approximate='tanh')", "F.elu({x})", "F.leaky_relu({x}, 0.1)",
    "F.logsigmoid({x})", "F.softsign({x})", "F.mish({x})", "torch.clamp({x}, -0.5, 0.8)", "F.hardtanh({x})",
    "torch.where({x} > 0, {x} * 2, {x} / 3)", "torch.tan({x} / 4)", "torch.exp2({x} / 2)", "torch.log2({x} * {x} + 1)",
    "torch.special.expit({x})", "torch.lgamma({x} * {x} + 1)", "torch.digamma({x} * {x} + 1)", "F.selu({x})",
    "torch.masked_fill({x}, {x} > 0.5, 0.25)", "torch.sinc({x})", "torch.acos(torch.tanh({x}) / 2)",
]  # fmt: skip
BINARY = [
    "{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / ({y} * {y} + 1)", "torch.maximum({x}, {y})", "torch.minimum({x}, {y})",
    "torch.where({x} > {y}, {x}, {y} * 2)", "torch.hypot({x}, {y} + 3)", "torch.atan2({x}, {y} * {y} + 1)",
    "torch.logaddexp({x}, {y})", "({x} * {x} + 1) ** {y}", "torch.lerp({x}, {y}, 0.3)", "torch.xlogy({x}, {y} * {y} + 1)",
]  # fmt: skip
TERNARY = ["torch.addcmul({x}, {y}, {z}, value=0.5)", "torch.where({x} > 0, {y}, {z})"]
REDUCTIONS = [
    "{x}.sum(dim={d})", "{x}.sum(dim={d}, keepdim=True)", "{x}.mean(dim={d})", "{x}.mean(dim={d}, keepdim=True)",
    "torch.logsumexp({x}, dim={d})", "{x}.amax(dim={d})", "{x}.amin(dim={d}, keepdim=True)", "{x}.prod(dim={d})",
    "torch.cumsum({x}, dim={d})", "torch.cumprod({x}, dim={d})", "torch.softmax({x}, dim={d})", "torch.log_softmax({x}, dim={d})",
    "{x}.max(dim={d}).values", "torch.linalg.vector_norm({x} + 2, dim={d})", "torch.sort({x}, dim={d}).values",
    "F.normalize({x} + 2, dim={d})", "{x} - {x}.mean(dim={d}, keepdim=True)",
]  # fmt: skip
SPREAD = ["{x}.var(dim={d})", "{x}.std(dim={d}, keepdim=True)", "{x}.var(dim={d}, unbiased=False)", "torch.median({x}, dim={d}).values"]
WHOLE = ["{x}.sum()", "{x}.mean()", "torch.logsumexp({x}.flatten(), dim=0)", "{x}.prod()", "{x}.norm()", "{x}.max()"]
SHAPES = [
    "{x}.unsqueeze({u})", "{x}.flatten()", "{x}.reshape(-1)", "{x}.reshape({r})", "torch.flip({x}, dims=({d},))",
    "torch.roll({x}, 1, dims={d})", "torch.cat([{x}, {x} * 2], dim={d})", "torch.stack([{x}, -{x}], dim={d})",
    "{x}.narrow({d}, 0, 1)", "{x}[..., :1]", "{x}[0]", "{x}[-1:]", "{x}[None]", "{x}.repeat_interleave(2, dim={d})",
    "torch.index_select({x}, {d}, torch.tensor([0, 0]))", "{x}[..., [0, 0]]", "{x}.expand(2, *{x}.shape)", "{x}[{x} > -9.0]",
    "torch.unbind({x}, dim={d})[0]", "torch.chunk({x}, 2, dim={d})[0]", "F.pad({x}, (1, 1))", "{x}.movedim({d}, 0)",
]  # fmt: skip
AXES = ["{x}.transpose(0, 1)", "{x}.mT", "torch.tril({x})", "torch.triu({x}, 1)", "torch.diagonal({x}, dim1=0, dim2=1)", "{x}.permute({p})"]
LINALG = [
    ("{x} @ {y}", matrices), ("{x} @ {y}", matrix_vector), ("{x} @ {y}", vectors), ("torch.outer({x}, {y})", rank(1, 1)),
    ("torch.einsum('ij,ij->i', {x}, {y})", same_matrices), ("torch.einsum('ij,kj->ik', {x}, {y})", same_matrices),
    ("{x} @ {y}.T", same_matrices), ("{x}.T @ {y}", same_matrices), ("torch.bmm({x}, {y})", batches), ("{x} @ {y}", batches),
    ("F.mse_loss({x}, {y})", same), ("F.smooth_l1_loss({x}, {y})", same), ("F.l1_loss({x}, {y})", same),
    ("F.cosine_similarity({x} + 2, {y} * {y} + {x}, dim=-1)", same_with_axes), ("torch.kron({x}, {y})", rank(1, 2)),
    ("F.binary_cross_entropy_with_logits({x}, torch.sigmoid({y}))", same),
    ("F.kl_div(torch.log_softmax({x}, -1), torch.softmax({y}, -1), reduction='sum')", same_with_axes),
    ("torch.linalg.solve({x} @ {x}.T + 2 * torch.eye({n}, dtype=torch.float64), {y})", square_and_vector),
]  # fmt: skip
SQUARE = [
    "torch.trace({x})", "torch.linalg.inv({x} @ {x}.T + 2 * torch.eye({n}, dtype=torch.float64))",
    "torch.linalg.det({x} @ {x}.T + torch.eye({n}, dtype=torch.float64))", "torch.matrix_exp({x} / 4)",
    "torch.logdet({x} @ {x}.T + torch.eye({n}, dtype=torch.float64))", "torch.diag({x})", "{x} @ {x}", "torch.linalg.matrix_power({x} / 2, 3)",
    "torch.linalg.cholesky({x} @ {x}.T + 2 * torch.eye({n}, dtype=torch.float64))",
]  # fmt: skip
LAYERS = [
    ("F.layer_norm({x}, {x}.shape[-1:])", rank(2, 3)), ("F.rms_norm({x}, {x}.shape[-1:])", rank(2, 3)),
    ("F.cross_entropy({x}, torch.zeros({x}.shape[0], dtype=torch.int64))", rank(2, 2)),
    ("F.glu(torch.cat([{x}, {x} * 2], -1), -1)", rank(1, 3)), ("F.softmin({x}, dim=-1)", rank(1, 3)),
    ("F.scaled_dot_product_attention({x}, {x}, {x})", rank(3, 3)), ("F.linear({x}, {x})", rank(2, 2)),
    ("F.conv1d({x}.unsqueeze(0), {x}.unsqueeze(1)[..., :1])", rank(2, 2)), ("F.one_hot(torch.arange({x}.shape[0])).double() @ {x}", rank(2, 2)),
    ("F.avg_pool1d({x}, {x}.shape[-1])", rank(2, 3)), ("F.max_pool1d({x}.unsqueeze(0), {x}.shape[-1])", rank(2, 2)),
]  # fmt: skip

def several(sources, operands=1, fits=None, family="elementwise"):
    return [Template(source, operands, fits, family) for source in sources]


TEMPLATES = [
    *several(UNARY),
    *several(BINARY, 2, broadcast, "binary"),
    *several(TERNARY, 3, broadcast, "binary"),
    *several(REDUCTIONS, 1, rank(1), "reduction"),
    *several(SPREAD, 1, lambda shape: bool(shape) and min(shape) > 1, "reduction"),
    *several(WHOLE, 1, any_shape, "reduction"),
    *several(SHAPES, 1, rank(1), "shape"),
    *several(AXES, 1, rank(2), "shape"),
    *(Template(source, 2, fits, "linear algebra") for source, fits in LINALG),
    *several(SQUARE, 1, square, "linear algebra"),
    *(Template(source, 1, fits, "layers") for source, fits in LAYERS),
]
RARER = [
    *several(rarer.UNARY, 1, None, "rarer"),
    *several(rarer.BINARY, 2, broadcast, "binary"),
    *several(rarer.TERNARY, 3, broadcast, "binary"),
    *several(rarer.REDUCTIONS, 1, rank(1), "reduction"),
    *several(rarer.WHOLE, 1, any_shape, "reduction"),
    *several(rarer.SHAPES, 1, rank(1), "shape"),
    *several(rarer.AXES, 1, rank(2), "shape"),
    *several(rarer.MATRICES, 1, rank(2, 2), "layers"),
    *several(rarer.SQUARE, 1, square, "linear algebra"),
    *several(rarer.PAIRS, 2, same, "layers"),
    *several(rarer.PAIRS_WITH_AXES, 2, same_with_axes, "layers"),
    Template("torch.linalg.cross({x}, {y}, dim=-1)", 2, crossed, "linear algebra"),
    Template("torch.cdist({x}, {y} + 3)", 2, same_matrices, "linear algebra"),
    Template("torch.baddbmm({x} @ {y}, {x}, {y})", 2, batches, "linear algebra"),
]
TEMPLATES += RARER
