"""Methods whose operations `import engine` leaves out: each stands in Tensor until it is asked for.

Imported by engine and engine.recording. The names are data, compared by a test with what engine.rest declares.
"""

from engine.op import declare_rest

NAMES = """
__and__ __invert__ __lshift__ __or__ __pos__ __rand__ __rlshift__ __ror__ __rrshift__ __rshift__ __rxor__ __xor__
abs_ absolute_ acos_ acosh_ addbmm addbmm_ addcdiv_ addcmul_ addmm addmm_ addmv addmv_ addr addr_ adjoint all
allclose any arccos_ arccosh_ arcsin_ arcsinh_ arctan2_ arctan_ arctanh_ argsort argwhere asin_ asinh_ atan2_ atan_
atanh_ baddbmm baddbmm_ bfloat16 bincount bitwise_and bitwise_and_ bitwise_left_shift bitwise_left_shift_
bitwise_not bitwise_not_ bitwise_or bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor bitwise_xor_
broadcast_to cdouble ceil_ cfloat cholesky cholesky_inverse cholesky_solve clamp_ clamp_max_ clamp_min_ clip_ conj
conj_physical copysign_ corrcoef cos_ cosh_ count_nonzero cov cross cuda cummax cummin cumprod cumprod_ cumsum
cumsum_ deg2rad_ det detach_ diag diag_embed diagflat diagonal diff digamma digamma_ dist div_ divide_ eq_ equal erf
erf_ erfc erfc_ erfinv erfinv_ exp2_ exp_ expand expand_as expm1_ fill_diagonal_ fix_ flip fliplr flipud
float_power_ floor_ floor_divide_ fmod_ frac_ gather ge_ greater_ greater_equal_ gt_ heaviside_ histc hypot_
index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put_ index_select inverse isclose isfinite
isinf isnan isneginf isposinf kron kthvalue ldexp_ le_ lerp_ less_ less_equal_ lgamma lgamma_ log10_ log1p_ log2_
log_ logcumsumexp logdet logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor
logical_xor_ logit_ lt_ masked_fill_ masked_scatter_ masked_select matrix_exp matrix_power median msort multiply_
mvlgamma mvlgamma_ nan_to_num nan_to_num_ nanmean nanmedian nanquantile nansum ne_ neg_ negative_ nonzero norm
not_equal_ pinverse polygamma polygamma_ positive prod qr quantile rad2deg_ real reciprocal_ relu_ remainder_ repeat
repeat_interleave roll rot90 round_ rsqrt_ scatter scatter_ scatter_add scatter_add_ sgn_ sigmoid_ sign_ signbit
sin_ sinc_ sinh_ slogdet sort sqrt_ square_ squeeze_ std subtract_ sum_to_size svd swapaxes_ swapdims_ t_ take
take_along_dim tan_ tanh_ tile to_sparse to_sparse_csr topk trace transpose_ tril tril_ triu triu_ true_divide_
trunc_ type unique unsqueeze_ var xlogy xlogy_
"""


class Deferred:
    """A method that isn't declared yet: who asks for it gets the one that engine.rest puts in its place."""

    __slots__ = ("home", "name")

    def __init__(self, home, name):
        self.home = home
        self.name = name

    def __get__(self, instance, owner):
        declare_rest()
        made = vars(self.home)[self.name]
        if made is self:
            raise AttributeError(f"no operation declares Tensor.{self.name}; take its name out of engine.deferred")
        return made if made.__class__ is type else made.__get__(instance, owner)


def stand_in(home):
    """Put the deferred methods into a class, where nothing of that name is."""
    own = vars(home)
    for name in NAMES.split():
        if name not in own:
            setattr(home, name, Deferred(home, name))
