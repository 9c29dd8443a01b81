"""The inverse of a matrix and its determinant."""

import numpy as np

from engine import return_types
from engine.op import call, op, public
from engine.ops.linalg_checks import LinAlgError, failed, over_matrices, require_square, square_shape, zero_pivot
from engine.ops.matrix import matmul
from engine.ops.product_forms import NEIGHBOURS, identity_of, is_identity, made, same
from engine.ops.shape import swap_last
from engine.tape import Outputs

MATRIX = [[4.0, 1.0, -1.0], [0.5, 3.0, 2.0], [-1.0, 1.5, 5.0]]
BATCH = [[[2.0, 1.0], [-0.5, 3.0]], [[-4.0, 1.0], [2.0, 1.5]], [[1.0, 0.2], [0.3, -2.0]]]
"""Samples that are far from singular, and not symmetric."""


# inverse


def _inverse(x):
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        where, order = failed(x, zero_pivot)
        raise LinAlgError(
            f"linalg.inv: {where}The diagonal element {order} is zero, the inversion could not be completed because "
            "the input matrix is singular."
        ) from None


def _inverse_form(x):
    if made(x, "inv"):
        return x.operands[0]
    if made(x, "permute") and _transposes(x):
        return swap_last(inv(x.operands[0]))
    if is_identity(x):
        return x
    scalar, rest = x.split_scalar()
    return None if scalar is None else inv(rest) / scalar


def _transposes(x):
    rank = x.ndim
    return x.params["dims"] == (*range(rank - 2), rank - 1, rank - 2)


inv = op(
    "inv",
    numpy=_inverse,
    vjp=[lambda g, y, x: -matmul(matmul(swap_last(y), g), swap_last(y))],
    shape=square_shape,
    normal=_inverse_form,
    types=None,
    text="{0}⁻¹",
    latex="{0}^{{-1}}",
    torch="LinalgInvExBackward0",
    rule="inverse of a matrix",
    says="The inverse changes by minus the change of the matrix between two inverses; the pullback is the transpose of "
    "that.",
    law="y = x⁻¹;  x̄ = -yᵀ g yᵀ",
    source="The Matrix Cookbook, equation 59",
    samples=[call(MATRIX), call(BATCH), call((0, 0)), call((0, 2, 2))],
)


@NEIGHBOURS.append
def _cancelled(a, b):
    """A⁻¹ A = A A⁻¹ = I."""
    for x, other in ((a, b), (b, a)):
        if made(x, "inv") and same(x.operands[0], other):
            return identity_of(x)
    return None


@public("linalg.inv", "inverse", "Tensor.inverse")
def _inv(A):
    """y = A⁻¹ of square matrices, batches included;  Ā = -yᵀ g yᵀ. LinAlgError if one is singular.

    >>> import engine as torch
    >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    require_square("linalg.inv", A)
    return inv(A)


# determinants


def _det_form(x):
    if made(x, "permute") and _transposes(x):
        return det(x.operands[0])
    if made(x, "inv"):
        return 1 / det(x.operands[0])
    return x.filled(1, x.shape[:-2]) if is_identity(x) else None


def _cofactors(g, y, x):
    """g det(x) x⁻ᵀ without a division by zero: by singular values where a matrix is close to singular."""
    out = np.empty_like(x)
    bound = np.prod(np.sqrt(np.sum(x * x, axis=-1)), axis=-1)  # Hadamard's, of |det x|
    near = np.abs(y) <= 1e3 * np.finfo(x.dtype).eps * bound
    if near.any():
        u, s, vh = np.linalg.svd(x[near])
        before = np.cumprod(np.concatenate([np.ones_like(s[..., :1]), s[..., :-1]], axis=-1), axis=-1)
        after = np.cumprod(np.concatenate([np.ones_like(s[..., :1]), s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
        sign = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
        out[near] = (u * (before * after)[..., None, :]) @ vh * sign
    far = ~near
    if far.any():
        out[far] = y[far][..., None, None] * np.swapaxes(np.linalg.inv(x[far]), -1, -2)
    return over_matrices(g) * out


det = op(
    "det",
    numpy=np.linalg.det,
    vjp=[lambda g, y, x: over_matrices(g * y) * swap_last(inv(x))],
    numeric=[_cofactors],
    shape=lambda shape: square_shape(shape)[:-2],
    normal=_det_form,
    types=None,
    text="det {0}",
    latex=r"\det {0}",
    torch="LinalgDetBackward0",
    rule="determinant",
    says="Each entry's slope is its cofactor; all cofactors together are the determinant times the inverse transposed.",
    law="y = det x;  x̄ = g y x⁻ᵀ",
    source="Jacobi's formula; The Matrix Cookbook, equation 49",
    samples=[call(MATRIX), call(BATCH), call((0, 0)), call((0, 2, 2))],
)


@public("linalg.det", "det", "Tensor.det")
def _det(A):
    """y = det A of square matrices;  Ā = g y A⁻ᵀ, the matrix of cofactors, at singular matrices too.

    >>> import engine as torch
    >>> torch.linalg.det(torch.tensor([[2., 1.], [0., 4.]]))
    tensor(8.)
    """
    require_square("linalg.det", A)
    return det(A)


def _inverse_or_nan(x):
    """The inverse, nan for singular matrices, where PyTorch's gradient isn't finite either."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        if x.ndim == 2:
            return np.full_like(x, np.nan)
        return np.stack([_inverse_or_nan(matrix) for matrix in x])


def _log_of_positive(x):
    sign, log = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, log)[()].astype(x.dtype)


def _logdet_numbers(g, y, x):
    return over_matrices(np.where(np.isnan(y), 0, g)) * np.swapaxes(_inverse_or_nan(x), -1, -2)


def _logdet_form(x):
    if made(x, "permute") and _transposes(x):
        return logdet(x.operands[0])
    if made(x, "inv"):
        return -logdet(x.operands[0])
    return x.filled(0, x.shape[:-2]) if is_identity(x) else None


logdet = op(
    "logdet",
    numpy=_log_of_positive,
    vjp=[lambda g, y, x: over_matrices(g) * swap_last(inv(x))],
    numeric=[_logdet_numbers],
    shape=lambda shape: square_shape(shape)[:-2],
    normal=_logdet_form,
    types=None,
    text="log det {0}",
    latex=r"\log\det {0}",
    torch="WhereBackward0",
    rule="log-determinant",
    says="The determinant cancels from its own logarithmic slope: what is left is the inverse transposed.",
    law="y = log det x;  x̄ = g x⁻ᵀ",
    source="The Matrix Cookbook, equation 57",
    samples=[call(MATRIX), call([BATCH[0], BATCH[0]]), call((0, 0))],
)


@public("logdet", "Tensor.logdet")
def _logdet(input):
    """y = log det x, nan where det x < 0;  x̄ = g x⁻ᵀ.

    >>> import engine as torch
    >>> torch.logdet(torch.eye(3))
    tensor(0.)
    """
    require_square("logdet", input)
    return logdet(input)


def _slogdet_form(x):
    return slogdet(x.operands[0]) if made(x, "permute") and _transposes(x) else None


slogdet = op(
    "slogdet",
    numpy=lambda x: Outputs(np.asarray(part) for part in np.linalg.slogdet(x)),
    vjp=[lambda g, y, x: over_matrices(g[1]) * swap_last(inv(x)) if 1 in g else x * 0],
    numeric=[lambda g, y, x: over_matrices(g[1]) * swap_last(_inverse_or_nan(x)) if 1 in g else x * 0],
    shape=lambda shape: (square_shape(shape)[:-2],) * 2,
    normal=_slogdet_form,
    types=None,
    torch="LinalgSlogdetBackward0",
    rule="sign and log of a determinant",
    says="The logarithm of |det x| has the inverse transposed as its slope; the sign is constant between its jumps.",
    law="s, y = sign det x, log |det x|;  x̄ = ȳ x⁻ᵀ",
    source="The Matrix Cookbook, equation 57",
    samples=[call(MATRIX), call(BATCH), call((0, 0))],
)


@public("linalg.slogdet")
def _slogdet(A):
    """(sign, y) = the sign of det A and log |det A|;  Ā = ȳ A⁻ᵀ. The sign has zero derivative.

    >>> import engine as torch
    >>> torch.linalg.slogdet(torch.eye(2)).logabsdet
    tensor(0.)
    """
    require_square("linalg.slogdet", A)
    return return_types.linalg_slogdet(*slogdet(A))


@public("slogdet", "Tensor.slogdet")
def _torch_slogdet(input):
    """As linalg.slogdet."""
    require_square("linalg.slogdet", input)
    return return_types.slogdet(*slogdet(input))
