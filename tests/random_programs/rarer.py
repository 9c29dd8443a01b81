"""Templates of the rarer operations, as random_programs.templates has those of the frequent ones; imported by it.

{t} is the variable that the line sets: what follows a semicolon changes it in place.
"""

# ruff: noqa: E501 - a line of data is read across

EYE = "torch.eye({n}, dtype=torch.float64)"
POSITIVE = "({x} @ {x}.T + 2 * " + EYE + ")"
FIRST = "torch.zeros({x}.shape, dtype=torch.int64)"
CLASSES = "torch.zeros({x}.shape[0], dtype=torch.int64)"

UNARY = [
    "torch.sign({x}) * {x}", "torch.floor({x}) + {x}", "torch.ceil({x}) * {x}", "torch.trunc({x} * 2) - {x}", "torch.frac({x})",
    "torch.round({x}) * {x}", "torch.fmod({x}, 0.7)", "torch.remainder({x}, 0.7)", "torch.floor_divide({x}.detach(), 0.7) * {x}",
    "torch.clamp({x}, min=-0.5)", "torch.clamp({x}, max=0.8)", "torch.logit(torch.sigmoid({x}) / 2 + 0.2)",
    "F.prelu({x}, torch.tensor([0.25], dtype=torch.float64))", "F.celu({x})", "F.threshold({x}, 0.1, 0.3)",
    "F.softshrink({x}, 0.3)", "F.hardshrink({x}, 0.3)", "torch.log10({x} * {x} + 1)", "torch.acosh({x} * {x} + 1.5)",
    "torch.atanh(torch.tanh({x}) / 2)", "torch.special.erfcx({x} / 2)", "torch.erfinv(torch.tanh({x}) / 2)",
    "torch.polygamma(2, {x} * {x} + 1)", "torch.special.ndtr({x})", "torch.special.log_ndtr({x})", "torch.special.entr({x} * {x} + 0.1)",
    "torch.asin(torch.tanh({x}) / 2)", "torch.deg2rad({x} * 9)", "torch.rad2deg({x}) / 50", "torch.nan_to_num({x})",
    "torch.angle({x}) + {x}", "F.tanhshrink({x})", "F.hardsigmoid({x})", "F.hardswish({x})", "F.relu6({x} * 3)", "{x}.clone()",
    "{x} * ({x} >= 0.1).to(torch.float64)", "{x} * torch.isfinite({x})", "torch.where(({x} < 0.3) & ({x} > -1), {x}, {x} / 2)",
    "torch.where(torch.logical_or({x} < -0.5, {x} > 0.5), {x}, -{x})", "torch.where(torch.logical_not({x} <= 0.2), {x}, {x} * {c})",
    "torch.where(torch.logical_xor({x} > 0, {x} > 0.6), {x}, {c} * {x})", "torch.where(~({x} > 0), {x}, {x} * 2)",
    "torch.where(({x} > 0) | ({x} < -1), {x}, {x} * 2)", "torch.where(({x} > 0) ^ ({x} < 0.5), {x}, {x} * 2)",
    "torch.where(torch.signbit({x}), {x}, {x} * {c})", "torch.where(torch.isnan({x}) | torch.isinf({x}), 0.0, {x})",
    "torch.where({x} != 0.5, {x}, {x} * 2)", "torch.where({x} == 0.5, {x}, {x} * 2)", "{x} * torch.any({x} > 0)", "{x} * torch.all({x} > 0)",
    "{x} * torch.count_nonzero({x} > 0)", "torch.pow(2.0, {x})", "torch.logit({x}, eps=0.3)",
    "{x} * 1; {t} += {c}", "{x} * 1; {t} *= {x}", "{x} + 0; {t}.sigmoid_()", "{x}.clone(); {t}.mul_(2).add_({x})", "{x} * 1; {t}.tanh_()",
    "{x} * 1; {t}.clamp_(-0.5, 0.5)", "{x}.clone(); {t}.exp_(); {t} = {t} / 3", "{x} * 1; {t}.masked_fill_({x} > 0.4, 0.5)",
]  # fmt: skip
BINARY = [
    "torch.copysign({x}, {y})", "torch.heaviside({x}.detach(), {y}.detach()) * {x}", "torch.fmod({x}, {y} * {y} + 1)", "torch.remainder({x}, {y} * {y} + 1)",
    "torch.div({x}, {y} * {y} + 1, rounding_mode='floor') + {x}", "torch.div({x}, {y} * {y} + 1, rounding_mode='trunc') * {x}",
    "torch.fmax({x}, {y})", "torch.fmin({x}, {y})", "torch.logaddexp2({x}, {y})", "torch.special.xlog1py({x}, {y} * {y})",
    "torch.where({x} <= {y}, {x}, {y})", "torch.where({x} < {y}, {x} * {y}, {y})", "torch.clamp({x}, max={y})", "torch.clamp({x}, min={y})",
    "torch.sub({x}, {y}, alpha=2)", "torch.add({x}, {y}, alpha=-0.5)", "torch.rsub({x}, {y})", "torch.ldexp({x}, torch.floor({y}))",
    "torch.true_divide({x}, {y} * {y} + 1)", "torch.float_power({x} * {x} + 1, {y})", "torch.lerp({x}, {y}, torch.sigmoid({x}))",
]  # fmt: skip
TERNARY = ["torch.addcdiv({x}, {y}, {z} * {z} + 1, value=0.5)", "torch.clamp({x}, {y} - 1, {z} * {z} + {y})", "torch.lerp({x}, {y}, {z})"]
REDUCTIONS = [
    "{x}.min(dim={d}).values", "torch.cummax({x}, dim={d}).values", "torch.cummin({x}, dim={d}).values", "torch.aminmax({x}, dim={d}).max",
    "torch.kthvalue({x}, 1, dim={d}).values", "{x}.nansum(dim={d})", "{x}.nanmean(dim={d})", "torch.topk({x}, 1, dim={d}).values",
    "torch.gather({x}, -1, torch.argsort({x}, -1))", "torch.take_along_dim({x}, {x}.argmax(dim={d}, keepdim=True), dim={d})",
    "torch.take_along_dim({x}, {x}.argmin(dim={d}, keepdim=True), dim={d})", "torch.gather({x}, {d}, " + FIRST + ")",
    "torch.scatter({x}, {d}, " + FIRST + ", 0.5)", "torch.scatter_add({x}, {d}, " + FIRST + ", {x} * 2)",
    "torch.index_fill({x}, {d}, torch.tensor([0]), 0.5)",
    "torch.index_add({x}, {d}, torch.tensor([0]), {x}.narrow({d}, 0, 1))", "torch.index_copy({x}, {d}, torch.tensor([0]), {x}.narrow({d}, 0, 1) * 2)",
    "torch.select({x}, {d}, 0)", "torch.linalg.vector_norm({x}, 3, dim={d})", "torch.norm({x}, p=1, dim={d})",
    "torch.linalg.vector_norm({x}, float('inf'), dim={d})", "F.softmax({x}, dim={d}) * {x}", "{x}.argsort(dim={d}) * {x}",
    "{x}.clone(); {t}[..., 0] = {x}[..., 0] * 2", "{x}.clone(); {t}[0] = 0.5", "{x} * 1; {t}[..., -1] *= 3", "{x}.clone(); {t}[{t} > 0.3] = 0.25",
    "{x}.clone(); {t}[[0]] = {x}[[0]] * 2", "{x} * 1; {t}.select({d}, 0).mul_(2)", "{x} * 1; {t}[..., :1].add_({x}[..., :1])",
]  # fmt: skip
WHOLE = ["{x}.min()", "{x}.median()", "torch.nansum({x})", "torch.take({x}, torch.tensor([0, 0]))", "{x}.amax()"]
SHAPES = [
    "torch.diag_embed({x})", "{x}.repeat((2,) + (1,) * ({x}.ndim - 1))", "torch.tile({x}, (2,))", "{x}.unsqueeze(0).squeeze(0)",
    "torch.squeeze({x}[None])", "torch.split({x}, 1, dim={d})[-1]", "torch.hstack([{x}, {x} * 2])", "torch.vstack([{x}, {x}])",
    "torch.broadcast_to({x}, (2,) + tuple({x}.shape))", "{x}.swapaxes(0, -1)", "torch.tensor_split({x}, 2, dim={d})[0]",
    "F.pad({x}, (1, 0), value=0.5)", "{x}.unflatten(0, (1, -1))", "torch.concat([{x}, {x}.detach()], {d})", "{x}[..., ::2]", "{x}[..., -1:]",
    "{x}.view(-1)", "{x}.view_as({x})", "{x}.contiguous() + {x}.detach()", "torch.atleast_2d({x})",
]  # fmt: skip
AXES = ["torch.rot90({x}, 1, (0, 1))", "torch.fliplr({x})", "torch.flipud({x})", "torch.swapdims({x}, 0, 1)", "{x}[:, 0]"]
MATRICES = [  # of any matrix
    "F.unfold({x}[None, None], 1)", "F.fold(F.unfold({x}[None, None], 1), {x}.shape, 1)",
    "F.pixel_unshuffle({x}.repeat(2, 2)[None], 2)", "F.pixel_shuffle({x}.reshape(1, 1, 1, -1).repeat(1, 4, 1, 1), 2)",
    "F.interpolate({x}[None], scale_factor=2, mode='linear')", "F.interpolate({x}[None], scale_factor=2)", "torch.linalg.matrix_norm({x} + 2)",
    "F.interpolate({x}[None, None], scale_factor=2, mode='bilinear')", "F.adaptive_avg_pool1d({x}, 1)", "F.adaptive_max_pool1d({x}[None], 1)",
    "F.adaptive_avg_pool2d({x}[None], 1)", "F.group_norm({x}.unsqueeze(0), 1)", "F.batch_norm({x} * {x}, None, None, training=True)",
    "F.batch_norm({x}, torch.zeros({x}.shape[1], dtype=torch.float64), torch.ones({x}.shape[1], dtype=torch.float64) * 2)",
    "F.nll_loss(torch.log_softmax({x}, -1), " + CLASSES + ")", "F.multi_margin_loss({x}, " + CLASSES + ")", "F.embedding(torch.tensor([0, 0]), {x})",
    "F.conv2d({x}[None, None], {x}[None, None, :1, :1])", "F.conv_transpose1d({x}[None], {x}[..., None])", "F.max_pool2d({x}[None, None], 1)",
    "F.conv1d({x}[None], {x}.unsqueeze(1)[..., :1].repeat(1, {x}.shape[0], 1), {x}[:, 0])", "F.instance_norm({x}[None])", "F.local_response_norm({x}[None], 2)",
    "torch.einsum('ij->j', {x})", "torch.tensordot({x}, {x}, 2)", "F.cross_entropy({x}, " + CLASSES + ", label_smoothing=0.1)",
    "torch.linalg.multi_dot([{x}, {x}.T, {x}])", "torch.chain_matmul({x}, {x}.T)", "F.bilinear({x}, {x}, torch.ones(1, {x}.shape[1], {x}.shape[1], dtype=torch.float64))",
    "F.avg_pool2d({x}[None], 1)", "torch.linalg.svdvals({x} + torch.arange({x}.numel(), dtype=torch.float64).reshape({x}.shape))",
]  # fmt: skip
SQUARE = [
    "torch.linalg.slogdet(" + POSITIVE + ").logabsdet", "torch.linalg.solve_triangular(torch.tril({x}) + 3 * " + EYE + ", {x}, upper=False)",
    "torch.cholesky_solve({x}, torch.linalg.cholesky(" + POSITIVE + "))", "torch.cholesky_inverse(torch.linalg.cholesky(" + POSITIVE + "))",
    "torch.linalg.qr({x} + 3 * " + EYE + ").R ** 2", "torch.linalg.eigvalsh({x} + {x}.T + torch.diag(torch.arange({n}, dtype=torch.float64) * 5))",
    "torch.linalg.eigh({x} + {x}.T + torch.diag(torch.arange({n}, dtype=torch.float64) * 5)).eigenvectors ** 2",
    "torch.linalg.pinv(" + POSITIVE + ")", "torch.addmm({x}, {x}, {x})", "torch.linalg.solve(" + POSITIVE + ", {x})", "torch.inverse(" + POSITIVE + ")",
    "torch.linalg.lstsq(" + POSITIVE + ", {x}).solution", "torch.mm({x}, {x})",
]  # fmt: skip
PAIRS = [  # of two arrays of one shape
    "F.binary_cross_entropy(torch.sigmoid({x}), torch.sigmoid({y}))", "F.soft_margin_loss({x}, torch.sign({y}).detach())", "F.huber_loss({x}, {y}, delta=0.5)",
    "F.hinge_embedding_loss({x} + 3, torch.sign({y}).detach())", "F.poisson_nll_loss({x}, {y})", "F.gaussian_nll_loss({x}, {y}, {y} * {y} + 1)",
    "F.margin_ranking_loss({x}, {y}, torch.ones_like({x}))", "F.mse_loss({x}, {y}, reduction='none')", "torch.vdot({x}.flatten(), {y}.flatten())",
    "torch.stack([{x}, {y}], -1)", "torch.cat([{x}, {y}])", "F.smooth_l1_loss({x}, {y}, reduction='sum', beta=0.5)", "torch.equal({x}, {y}) * {x}",
]  # fmt: skip
PAIRS_WITH_AXES = [
    "F.cross_entropy({x}, torch.softmax({y}, -1))", "F.pairwise_distance({x}, {y} * {y} + {x} + 1)", "F.kl_div(F.log_softmax({x}, -1), F.log_softmax({y}, -1), log_target=True)",
    "torch.linalg.vecdot({x}, {y})", "torch.inner({x}, {y})",
]  # fmt: skip
