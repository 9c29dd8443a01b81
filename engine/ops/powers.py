"""Powers and the exponential of square matrices."""


import numpy as np

from engine.op import call, op, public
from engine.ops.indexing import Key, getitem
from engine.ops.inverse import BATCH, MATRIX, _transposes, inv
from engine.ops.joining import cat
from engine.ops.linalg_checks import require_square, square_shape
from engine.ops.matrix import matmul
from engine.ops.product_forms import NEIGHBOURS, identity_of, is_identity, made, same
from engine.ops.shape import swap_last
from engine.ops.typing import dtype_of

# powers


def _power_pullback(g, y, x, n):
    """Σ (xᵀ)ⁱ g (xᵀ)ⁿ⁻¹⁻ⁱ over i < n."""
    turned = swap_last(x)
    total = x * 0
    for before in range(n):
        term = g
        if before:
            term = matmul(matrix_power(turned, n=before), term)
        if n - 1 - before:
            term = matmul(term, matrix_power(turned, n=n - 1 - before))
        total = term if before == 0 else total + term
    return total


def _power_pullback_numbers(g, y, x, n):
    turned = np.swapaxes(x, -1, -2)
    total, right = np.zeros_like(x), g
    for _ in range(n):  # total: Σ (xᵀ)ⁱ g (xᵀ)ᵏ⁻¹⁻ⁱ for one k after another
        total = turned @ total + right
        right = right @ turned
    return total


def _power_form(x, n):
    if n == 0:
        return x.filled(identity_of(x).expr, x.shape)
    if n == 1 or is_identity(x):
        return x
    if made(x, "permute") and _transposes(x):
        return swap_last(matrix_power(x.operands[0], n=n))
    if made(x, "matrix_power"):
        return matrix_power(x.operands[0], n=n * x.params["n"])
    scalar, rest = x.split_scalar()
    return None if scalar is None else matrix_power(rest, n=n) * scalar**n


matrix_power = op(
    "matrix_power",
    numpy=lambda x, n: np.linalg.matrix_power(x, n),
    vjp=[_power_pullback],
    numeric=[_power_pullback_numbers],
    shape=lambda shape, n: square_shape(shape),
    normal=_power_form,
    types=None,
    text="{0}^{n}",
    latex="{0}^{{{n}}}",
    torch="MmBackward0",
    rule="power of a matrix",
    says="Each of the n equal factors takes its turn, the powers before and after it, transposed, on its sides.",
    law="y = xⁿ;  x̄ = Σ (xᵀ)ⁱ g (xᵀ)ⁿ⁻¹⁻ⁱ over i < n",
    source="The Matrix Cookbook, equation 90",
    samples=[call(MATRIX, n=3), call(BATCH, n=2), call(MATRIX, n=1), call(MATRIX, n=0), call(MATRIX, n=5)],
)


@NEIGHBOURS.append
def _powers_meet(a, b):
    """Xⁱ Xʲ = Xⁱ⁺ʲ."""
    (x, i), (y, j) = _base(a), _base(b)
    if same(x, y):
        return matrix_power(x, n=i + j)
    if i > 1 and made(y, "inv") and same(y.operands[0], x):
        return matrix_power(x, n=i - 1)
    if j > 1 and made(x, "inv") and same(x.operands[0], y):
        return matrix_power(y, n=j - 1)
    return None


def _base(x):
    return (x.operands[0], x.params["n"]) if made(x, "matrix_power") else (x, 1)


@public("linalg.matrix_power", "matrix_power", "Tensor.matrix_power")
def _matrix_power(A, n):
    """y = Aⁿ for an integer n, by way of the inverse if n < 0;  Ā = Σ (Aᵀ)ⁱ g (Aᵀ)ⁿ⁻¹⁻ⁱ over i < n.

    >>> import engine as torch
    >>> torch.linalg.matrix_power(torch.tensor([[1., 1.], [0., 1.]]), 3)
    tensor([[1., 3.],
            [0., 1.]])
    """
    if not isinstance(n, int):
        raise TypeError(f"linalg_matrix_power(): argument 'n' (position 2) must be int, not {type(n).__name__}")
    if A.ndim > 1 and A.shape[-1] == A.shape[-2] and n >= 0:
        return matrix_power(A, n=n)
    require_square("linalg.matrix_power", A)
    return matrix_power(inv(A), n=-n)


# exponential

PADE = {
    3: (120.0, 60.0, 12.0, 1.0),
    5: (30240.0, 15120.0, 3360.0, 420.0, 30.0, 1.0),
    7: (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0),
    9: (17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0, 2162160.0, 110880.0, 3960.0, 90.0, 1.0),
    13: (64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
         10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0),
}  # fmt: skip
"""Coefficients of the diagonal Padé approximants' numerators, by degree."""

LARGEST = {
    np.dtype("float64"): ((3, 1.495585217958292e-2), (5, 2.539398330063230e-1), (7, 9.504178996162932e-1),
                          (9, 2.097847961257068), (13, 5.371920351148152)),
    np.dtype("float32"): ((3, 4.258730016922831e-1), (5, 1.880152677804762), (7, 3.925724783138660)),
}  # fmt: skip
"""Up to which 1-norm each degree is exact to rounding; beyond the last one the matrix is halved first."""


def _exponential(x):
    """exp x by scaling and squaring: Padé's approximant of x / 2ˢ, squared s times. Source: Higham (2005)."""
    if x.dtype not in LARGEST:
        return _exponential(x.astype(np.float32)).astype(x.dtype)
    if x.size == 0:
        return x.copy()
    norms = np.abs(x).sum(axis=-2).max(axis=-1)
    bounds = LARGEST[x.dtype]
    out = np.empty(x.shape, x.dtype)
    smaller = -1.0
    for degree, bound in bounds:
        chosen = (norms > smaller) & (norms <= bound)
        if chosen.any():
            out[chosen] = _pade(x[chosen], degree)
        smaller = bound
    large = norms > smaller
    if large.any():
        out[large] = _squared(x[large], norms[large], *bounds[-1])
    out[~np.isfinite(norms)] = np.nan
    return out


def _squared(x, norms, degree, bound):
    halvings = np.where(np.isfinite(norms), np.ceil(np.log2(np.where(np.isfinite(norms), norms, 1) / bound)), 0)
    halvings = np.maximum(halvings, 0).astype(int)
    scale = np.ldexp(np.ones(len(x), x.dtype), -halvings)
    y = _pade(np.nan_to_num(x * scale[:, None, None]), degree)
    for step in range(int(halvings.max())):
        left = halvings > step
        y[left] = y[left] @ y[left]
    return y


def _pade(x, degree):
    """The quotient (v - u)⁻¹ (v + u) of the even part v and the odd part u of the numerator."""
    b = PADE[degree]
    unit = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    square = x @ x
    powers = [unit, square]  # even powers
    while 2 * len(powers) <= min(degree, 7):
        powers.append(powers[-1] @ square)
    if degree == 13:
        high_u = sum(b[7 + 2 * k] * powers[k] for k in range(1, 4))
        high_v = sum(b[6 + 2 * k] * powers[k] for k in range(1, 4))
        u = powers[3] @ high_u + sum(b[1 + 2 * k] * powers[k] for k in range(4))
        v = powers[3] @ high_v + sum(b[2 * k] * powers[k] for k in range(4))
    else:
        while 2 * len(powers) <= degree:
            powers.append(powers[-1] @ square)
        u = sum(b[1 + 2 * k] * power for k, power in enumerate(powers))
        v = sum(b[2 * k] * power for k, power in enumerate(powers))
    u = x @ u
    return np.linalg.solve(v - u, v + u)


def _exponential_form(x):
    if made(x, "permute") and _transposes(x):
        return swap_last(matrix_exp(x.operands[0]))
    return x.filled(identity_of(x).expr, x.shape) if x.expr == 0 else None


matrix_exp = op(
    "matrix_exp",
    numpy=_exponential,
    vjp=[lambda g, y, x: exp_change(swap_last(x), g)],
    shape=square_shape,
    normal=_exponential_form,
    types=None,
    text="exp({0})",
    latex=r"\exp\left({0}\right)",
    torch="LinalgMatrixExpBackward0",
    rule="exponential of a matrix",
    says="The exponential's change along a direction is another exponential's block; its pullback is that of the "
    "transposed matrix along the cotangent.",
    law="y = exp x;  x̄ = L(xᵀ, g), the change of exp at xᵀ along g",
    source="Al-Mohy and Higham, Computing the Fréchet derivative of the matrix exponential (2009)",
    samples=[call((3, 3)), call(BATCH), call((0, 0)), call(MATRIX), call((2, 0, 0)), call([[[12.0, 1.0], [0.0, 3.0]]])],
)


def _blocks(x, e):
    """The matrix with x twice on its diagonal and e above."""
    last = len(x.shape) - 1
    return cat(cat(x, e, dim=last), cat(x * 0, x, dim=last), dim=last - 1)


def _block(x, at, n):
    """One of the four n by n blocks of a matrix, by row and column."""
    return getitem(x, key=Key((Ellipsis, *(slice(n * place, n * place + n) for place in at))))


def _change_numbers(x, e):
    n = x.shape[-1]
    x, e = np.broadcast_arrays(x, e)
    return _block(_exponential(_blocks(x, e)), (0, 1), n)


def _change_of_change(g, y, x, e):
    """The pullback to x, by the same block matrix: its exponential's pullback of g in the upper right block."""
    n = x.shape[-1]
    zero = g * 0
    last = len(x.shape) - 1
    corner = cat(cat(zero, g, dim=last), cat(zero, zero, dim=last), dim=last - 1)
    whole = exp_change(swap_last(_blocks(x, e)), corner)
    return _block(whole, (0, 0), n) + _block(whole, (1, 1), n)


def _change_form(x, e):
    if is_identity(e):
        return matrix_exp(x)
    if e.expr == 0:
        return e
    if all(made(s, "permute") and _transposes(s) for s in (x, e)):
        return swap_last(exp_change(x.operands[0], e.operands[0]))
    return None


exp_change = op(
    "exp_change",
    numpy=_change_numbers,
    vjp=[_change_of_change, lambda g, y, x, e: exp_change(swap_last(x), g)],
    shape=lambda x, e: square_shape(x),
    normal=_change_form,
    text="L({0}, {1})",
    latex=r"L\left({0}, {1}\right)",
    rule="change of a matrix exponential",
    says="In the exponential of the block matrix with x twice on the diagonal and e above, the upper right block is "
    "the change of exp x along e.",
    law="y = L(x, e) = lim (exp(x + t e) - exp x) / t",
    source="Mathias, A chain rule for matrix functions (1996)",
    linear=(1,),
    samples=[call((3, 3), (3, 3)), call(BATCH, (3, 2, 2))],
)


@public("linalg.matrix_exp", "matrix_exp", "Tensor.matrix_exp")
def _matrix_exp(A):
    """y = exp A = Σ Aᵏ / k!;  Ā = L(Aᵀ, g), the change of exp at Aᵀ along g, exp(A)ᵀ where g is the identity.

    Computed by scaling and squaring with Padé approximants (Higham 2005).

    >>> import engine as torch
    >>> torch.linalg.matrix_exp(torch.zeros(2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if A.ndim < 2 or dtype_of(A) != np.float16:
        require_square("linalg.matrix_exp", A)
    return matrix_exp(A)
