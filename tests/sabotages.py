"""Wrong programs: one change of the source each, and tests of the default suite that must fail. See test_sabotages."""

# ruff: noqa: E501 - a change is quoted as it stands
from dataclasses import dataclass


@dataclass(frozen=True)
class Sabotage:
    """`old` stands in the file once and becomes `new`; `tests` are arguments of pytest."""

    name: str
    file: str
    old: str
    new: str
    tests: str


REGISTRY = "tests/engine/test_registry.py"
TAPE, FORMS = "tests/engine/test_tape.py", "tests/explain/test_forms.py"
UNPROVED = "tests/explain/test_unproved.py"
SABOTAGES = [
    Sabotage("a sign in tanh's rule", "engine/ops/hyperbolic.py", "lambda g, y, x: g * (1 - y * y)",
             "lambda g, y, x: g * (1 + y * y)", REGISTRY + " -k \'slope and tanh\'"),
    Sabotage("a sum over a repeated axis dropped", "engine/ops/fitting.py",
             "return np.add.reduce(x, axis=spread_axes(x.shape, size), keepdims=True).reshape(size)",
             "return x[tuple(slice(0, 1) if at in spread_axes(x.shape, size) else slice(None) for at in range(x.ndim))]"
             ".reshape(size)", REGISTRY + " -k \'slope and mul\'"),
    Sabotage("a factor in mean's rule", "engine/ops/reduction.py", "restored(g, x, dim, keepdim) / size_of(x, dim)]",
             "restored(g, x, dim, keepdim)]", REGISTRY + " -k \'slope and mean\'"),
    Sabotage("softmax without its sum", "engine/ops/softmax.py",
             "lambda g, y, x, dim: y * (g - sum_(g * y, dim=dim, keepdim=True))", "lambda g, y, x, dim: y * g",
             REGISTRY + " -k \'slope and softmax\'"),
    Sabotage("a transposition missing in the matrix product's rule", "engine/ops/matrix.py",
             "    return matmul(g, swap_last(b))", "    return matmul(g, b)", REGISTRY + " -k \'slope and matmul\'"),
    Sabotage("(A B)ᵀ = Aᵀ Bᵀ", "engine/ops/product_forms.py", "return _matmul(swap_last(b), swap_last(a)) if",
             "return _matmul(swap_last(a), swap_last(b)) if", "tests/engine/test_matrix.py"),
    Sabotage("another convention of relu at 0", "engine/ops/activation.py",
             "    passes = x <= 0\n", "    passes = x < 0\n", "tests/engine/test_edges.py -k conventions"),
    Sabotage("denominators cleared by halves", "explain/rewrite/collect.py", "out.get(part, S.Zero) + lowest * exponent",
             "out.get(part, S.Zero) + lowest", "tests/explain/test_found_by_random_programs.py -k denominators"),
    Sabotage("a stale cache of simplifications", "explain/rewrite/facts.py",
             "self.memo, self.reduced, self.sums, self.symmetries = {}, {}, {}, {}",
             "self.memo, self.reduced, self.sums, self.symmetries = terms.__dict__.setdefault('memo', {}), {}, {}, {}",
             "tests/explain/test_formulas.py tests/explain/test_rewritings.py tests/explain/test_found_by_random_programs.py"),
    Sabotage("a setting that isn't part of a node's identity", "engine/symbols/structure.py",
             "tuple((name, frozen(value)) for name, value in sorted(params.items())))", "())",
             "tests/explain/test_formulas.py"),
    Sabotage("gradients overwritten, not added", "engine/autograd/__init__.py", "constant(before._node.output + g)",
             "constant(before._node.output * 0 + g)", "tests/engine/test_accumulation.py"),
    Sabotage("contributions overwritten, not added", "engine/tape.py", "        before += d\n        found[x] = before",
             "        found[x] = d", TAPE + " tests/engine/test_programs.py"),
    Sabotage("overwriting that isn't noticed", "engine/views.py", "written[1] > node.seq", "written[1] > node.seq + 10**9",
             "tests/engine/test_inplace.py"),
    Sabotage("no_grad for all threads", "engine/mode.py", "class _Mode(threading.local):", "class _Mode:",
             "tests/engine/test_tape.py tests/test_interruption.py -k thread"),
    Sabotage("letters that mean two sizes", "explain/letters.py", "if found.sizes.setdefault(symbol, size) != size:",
             "if found.sizes.setdefault(symbol, size) is None:", "tests/explain/test_formulas.py"),
    Sabotage("code without a transposition", "explain/code.py", 'return f"{self.tight(expr, 0)}.T", ATOM',
             'return f"{self.tight(expr, 0)}", ATOM', FORMS),
    Sabotage("a name that HTML takes for an element", "explain/render/html.py", "<h1>{escape(heading(page.title))}</h1>",
             "<h1>{heading(page.title)}</h1>", "tests/explain/test_formats.py -k 'escaped or kept'"),
    Sabotage("a verdict that is too lenient", "explain/verdict.py", "CLOSE = 1e-9", "CLOSE = 1e1",
             "tests/explain/test_verdict.py"),
    Sabotage("definitions that nobody checks", "explain/certify.py", "    if (symbol, sym.expr) in point.checked:",
             "    if True:", "tests/explain/test_certify.py"),
    Sabotage("a certificate that is never refused", "explain/rounding.py", "EXACT = 1e-8", "EXACT = 1e8",
             "tests/explain/test_certify.py " + FORMS),
    Sabotage("what is small in earnest taken for rounding", "explain/rounding.py",
             "return min(bound, SPREADS / exact * moved) if size or moved else bound", "return bound",
             "tests/explain/test_small_in_earnest.py"),
    Sabotage("steps of which no point proved anything", "explain/certify.py",
             'return len(step.forms) > 1 or step.kind == "forward" or isinstance(step.left, Slope)', "return False", UNPROVED),
    Sabotage("entries checked at the user's values alone", "explain/certify.py",
             'if step.kind == "entry" and point.letters != derivation.program.letters.sizes:',
             'if step.kind == "entry" and count > 1:', UNPROVED),
    Sabotage("masked programs tried at the user's values alone", "explain/points.py",
             "return not odd.size or bool(np.isin(odd, recorded[np.isinf(recorded)]).all())", "return not odd.size", UNPROVED),
    Sabotage("masks that are off at every point", "explain/certify.py", "if evidence[0].far is not None:", "if False:", UNPROVED),
    Sabotage("code that loses entries", "explain/certify.py", "or lost(found, like, truth, point)", "or False", FORMS),
    Sabotage("half of the operations declared", "engine/rest.py", "with uncollected(), whole(\"engine\"):", "with uncollected():",
             "tests/engine/test_deferred.py -k interrupted"),
    Sabotage("an expression that runs what isn't listed", "explain/parse.py",
             'if node.attr.startswith("_") or node.attr.endswith("_"):', "if False:", "tests/explain/test_parse.py -k wrong"),
    Sabotage("a bound on elements that isn't kept", "explain/limits.py", "if size > self.limits.elements:", "if False:",
             "tests/explain/test_parse.py -k 'bound or indexed or wrong'"),
]  # fmt: skip
