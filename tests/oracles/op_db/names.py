"""Which entries of PyTorch's table are covered: the operations that issue and documentation promise, by family."""

ELEMENTWISE = """
    __radd__ __rmod__ __rmul__ __rpow__ __rsub__ __getitem__ __rmatmul__ abs acos acosh add addcdiv addcmul angle asin
    asinh atan atan2 atanh ceil clamp clamp_max clamp_min copysign cos cosh deg2rad digamma div eq erf erfc erfinv exp
    exp2 expm1 float_power floor floor_divide fmax fmin fmod frac ge gt heaviside hypot isclose isfinite isinf isnan
    isneginf isposinf ldexp le lerp lgamma log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
    logical_or logical_xor logit lt masked_fill maximum minimum mul mvlgamma nan_to_num ne neg nn.functional.celu
    nn.functional.elu nn.functional.gelu nn.functional.glu nn.functional.hardshrink nn.functional.hardsigmoid
    nn.functional.hardswish nn.functional.hardtanh nn.functional.leaky_relu nn.functional.logsigmoid
    nn.functional.mish nn.functional.prelu nn.functional.relu nn.functional.relu6 nn.functional.rrelu
    nn.functional.selu nn.functional.silu nn.functional.softplus nn.functional.softshrink nn.functional.softsign
    nn.functional.tanhshrink nn.functional.threshold polygamma positive pow rad2deg reciprocal remainder round rsqrt
    rsub sgn sigmoid sign signbit sin sinc sinh special.entr special.erfcx special.log_ndtr special.ndtr
    special.polygamma special.xlog1py sqrt square sub tan tanh true_divide trunc where xlogy bitwise_and bitwise_not
    bitwise_or bitwise_xor
"""
REDUCTIONS = """
    all allclose amax amin aminmax any argmax argmin argsort count_nonzero cummax cummin cumprod cumsum equal kthvalue
    logsumexp max mean median min msort nanmean nanmedian nansum norm linalg.vector_norm prod sort std std_mean sum
    topk unique var var_mean trace logcumsumexp diff trapezoid trapz cumulative_trapezoid cov corrcoef quantile
    nanquantile dist nonzero argwhere bincount histc searchsorted bucketize isin
"""
SHAPES = """
    T mT atleast_1d atleast_2d atleast_3d broadcast_shapes broadcast_tensors broadcast_to cat chunk clone column_stack
    contiguous diag diag_embed diagflat diagonal dstack expand expand_as flatten flip fliplr flipud gather hstack
    index_add index_copy index_fill index_select linalg.diagonal masked_select meshgrid movedim narrow
    nn.functional.embedding nn.functional.one_hot nn.functional.pad nn.functional.pixel_shuffle
    nn.functional.pixel_unshuffle permute ravel repeat repeat_interleave reshape reshape_as roll rot90 scatter
    scatter_add select split squeeze stack t take take_along_dim tensor_split tile transpose tril tril_indices triu
    triu_indices unbind unflatten unfold unsqueeze view view_as vstack index_put split_with_sizes hsplit vsplit dsplit
    to bool double float half int long short item sum_to_size zero_ fill arange empty empty_like eye full full_like
    block_diag cartesian_prod combinations conj masked_scatter
    linspace logspace new_empty new_full new_ones new_zeros ones ones_like zeros zeros_like scalar_tensor
"""
LINEAR = """
    addbmm addmm addmv addr baddbmm bmm cdist cholesky cholesky_inverse cholesky_solve cross dot einsum inner kron
    linalg.cholesky linalg.cond linalg.cross linalg.det linalg.eigh linalg.eigvalsh linalg.inv linalg.lstsq
    linalg.matrix_norm linalg.matrix_power linalg.matrix_rank linalg.multi_dot linalg.norm linalg.pinv linalg.qr
    linalg.vander linalg.slogdet linalg.solve linalg.solve_triangular linalg.svd linalg.svdvals linalg.vecdot logdet
    matmul
    matrix_exp mm mv outer pinverse qr svd tensordot vdot
"""
NETWORKS = """
    log_softmax nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool2d nn.functional.adaptive_avg_pool3d
    nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool2d nn.functional.adaptive_max_pool3d
    nn.functional.avg_pool1d nn.functional.avg_pool2d nn.functional.avg_pool3d nn.functional.batch_norm
    nn.functional.bilinear nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits
    nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d nn.functional.conv_transpose1d
    nn.functional.conv_transpose2d nn.functional.conv_transpose3d nn.functional.cosine_embedding_loss
    nn.functional.cosine_similarity nn.functional.cross_entropy nn.functional.dropout nn.functional.dropout2d
    nn.functional.dropout3d nn.functional.gaussian_nll_loss nn.functional.group_norm
    nn.functional.hinge_embedding_loss nn.functional.huber_loss nn.functional.instance_norm nn.functional.interpolate
    nn.functional.kl_div nn.functional.l1_loss nn.functional.layer_norm nn.functional.linear
    nn.functional.local_response_norm nn.functional.margin_ranking_loss nn.functional.max_pool1d
    nn.functional.max_pool2d nn.functional.max_pool3d nn.functional.mse_loss nn.functional.multi_margin_loss
    nn.functional.multilabel_soft_margin_loss nn.functional.nll_loss nn.functional.normalize
    nn.functional.pairwise_distance nn.functional.poisson_nll_loss nn.functional.rms_norm
    nn.functional.scaled_dot_product_attention nn.functional.smooth_l1_loss nn.functional.soft_margin_loss
    nn.functional.softmin nn.functional.triplet_margin_loss nn.functional.triplet_margin_with_distance_loss
    nn.functional.unfold nn.functional.upsample_bilinear nn.functional.upsample_nearest softmax bernoulli normal
    multinomial rand_like randint randint_like randn randn_like
"""
FAMILIES = {
    "elementwise": ELEMENTWISE.split(),
    "reductions": REDUCTIONS.split(),
    "shapes": SHAPES.split(),
    "linear algebra": LINEAR.split(),
    "networks": NETWORKS.split(),
}
COVERED = {name: family for family, names in FAMILIES.items() for name in names}

# Whose numbers depend on a random stream, or on what memory happens to hold: only dtypes and shapes are compared.
RANDOM = {
    "bernoulli", "normal", "multinomial", "rand_like", "randint", "randint_like", "randn", "randn_like",
    "empty", "empty_like", "new_empty",
    "nn.functional.dropout", "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.rrelu",
}  # fmt: skip


def title(info):
    """How an entry is called here: its name, with the variant where it has one."""
    return f"{info.name}.{info.variant_test_name}" if info.variant_test_name else info.name
