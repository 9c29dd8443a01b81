"""Derivations, certificates included, relative to a fixed amount of SymPy: one `sympy.diff` with nothing remembered.

Warm: the program was explained before, so modules are imported and SymPy knows its terms; each run is a new explanation
all the same. Two lengths of one chain are explained for the first time, to be compared with one another.
"""

from time import process_time

import sympy
from timing import Row, compare

UNIT = "a fixed sympy.diff"
LONG = 1_000


def fixed_diff():
    """A derivative of four terms, from an empty cache."""
    sympy.core.cache.clear_cache()
    x = sympy.Symbol("x", real=True)
    total = sympy.Add(*(sympy.sin(k * x) * sympy.exp(x / k) / (k + x**2) for k in range(1, 5)))
    return sympy.diff(total, x)


def walkthrough(torch):
    a = torch.ones(2, 2, requires_grad=True)
    b = a + 5
    c = b * b * 2
    return c.mean(), a, {"a": a, "b": b, "c": c}


def cross_entropy(torch):
    z, y = torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 2, 1])
    return torch.nn.functional.cross_entropy(z, y), z, {"z": z, "y": y}


def softmax_cross_entropy_by_hand(torch):
    z, Y = torch.randn(4, 3, requires_grad=True), torch.eye(3)[torch.tensor([0, 1, 2, 1])]
    e = torch.exp(z)
    p = e / e.sum(dim=1, keepdim=True)
    return -(Y * torch.log(p)).sum() / 4, z, {"z": z, "Y": Y, "e": e, "p": p}


def layer_norm(torch):
    x, gamma, beta = torch.randn(4, 6, requires_grad=True), torch.randn(6), torch.randn(6)
    return torch.nn.functional.layer_norm(x, (6,), gamma, beta), x, {"x": x, "gamma": gamma, "beta": beta}


def layer_norm_by_hand(torch):
    x, gamma, beta = torch.randn(4, 6, requires_grad=True), torch.randn(6), torch.randn(6)
    mu = x.mean(dim=-1, keepdim=True)
    var = ((x - mu) ** 2).mean(dim=-1, keepdim=True)
    sigma = torch.sqrt(var + 1e-5)
    xhat = (x - mu) / sigma
    names = {"x": x, "gamma": gamma, "beta": beta, "mu": mu, "var": var, "sigma": sigma, "xhat": xhat}
    return gamma * xhat + beta, x, names


def attention(torch):
    q, k, v = (torch.randn(5, 4, requires_grad=True) for _ in range(3))
    s = q @ k.T / 2
    p = torch.softmax(s, dim=-1)
    return p @ v, [q, k, v], {"q": q, "k": k, "v": v, "s": s, "p": p}


def chain(torch, length):
    """A chain in which every variable has a name."""
    x, w = torch.ones(2, 2, requires_grad=True), torch.full((2, 2), 0.9, requires_grad=True)
    names, v = {"x": x, "w": w}, x
    for at in range(length):
        v = [lambda v: v * 0.9, lambda v: v + w, torch.sin, lambda v: v * w][at % 4](v)
        names[f"v{at}"] = v
    return v.sum(), x, names


def loop(torch, length):
    """x = sin(x) w + x over and over, where what came before has no name any more."""
    a, w = torch.ones(2, 2, requires_grad=True), torch.full((2, 2), 0.9, requires_grad=True)
    x = a
    for _ in range(length // 3):
        x = torch.sin(x) * w + x
    return x.mean(), a, {"a": a, "w": w}


def network(torch, depth, wrt):
    """A perceptron of many layers: one parameter, or all."""
    x, target = torch.randn(8, 16), torch.randn(8, 16)
    names, h = {"X": x, "T": target}, x
    for at in range(depth):
        w, b = torch.randn(16, 16).mul(0.25).requires_grad_(), torch.zeros(16, requires_grad=True)
        names |= {f"W{at}": w, f"b{at}": b}
        h = torch.tanh(h @ w + b)
    parameters = [name for name in names if name[0] in "Wb"]
    return ((h - target) ** 2).mean(), "W0" if wrt == "one" else parameters, names


def recurrence(torch, steps):
    """Shared weights, used at every step."""
    W, U = torch.randn(4, 4).mul(0.4).requires_grad_(), torch.randn(3, 4, requires_grad=True)
    xs, h = torch.randn(steps, 2, 3), torch.zeros(2, 4)
    names = {"W": W, "U": U, "xs": xs}
    for at in range(steps):
        h = torch.tanh(xs[at] @ U + h @ W)
    return (h * h).sum(), [W, U], names


SHORT = {
    "the walkthrough": walkthrough,
    "F.cross_entropy": cross_entropy,
    "softmax cross-entropy by hand": softmax_cross_entropy_by_hand,
    "F.layer_norm": layer_norm,
    "LayerNorm by hand": layer_norm_by_hand,
    "attention, by q, k and v": attention,
}
PROGRAMS = {
    f"a named chain of {LONG:,} operations": lambda torch: chain(torch, LONG),
    f"a loop of {LONG:,} operations": lambda torch: loop(torch, LONG),
    "20 layers, the first weights": lambda torch: network(torch, 20, "one"),
    "20 layers, all 40 parameters": lambda torch: network(torch, 20, "all"),
    "a recurrence of 100 steps": lambda torch: recurrence(torch, 100),
}
FIRST = {f"a named chain of {LONG:,} operations, for the first time": lambda torch: chain(torch, LONG)}
LONGEST = {f"a named chain of {10 * LONG:,} operations, for the first time": lambda torch: chain(torch, 10 * LONG)}


def explained(program):
    """The explanation of a program that has run, as a function without arguments."""
    import engine as torch
    from explain import explain

    torch.manual_seed(0)
    out, wrt, names = program(torch)
    return lambda: explain(out, wrt=wrt, names=names)


def once(title, program):
    """One run of a long program, between runs of the unit."""
    run = explained(program)
    before, own, after = (seconds(each) for each in (fixed_diff, run, fixed_diff))
    ratio = own / ((before + after) / 2)
    return Row(title, UNIT, {"this project": (ratio, ratio, ratio)})


def seconds(run):
    start = process_time()
    run()
    return process_time() - start


def rows():
    yield from often(SHORT, 15)
    yield from first(FIRST)
    yield from often(PROGRAMS, 3)
    yield from first(LONGEST)


def often(programs, rounds):
    for title, program in programs.items():
        runs = {UNIT: fixed_diff, "this project": explained(program)}
        yield compare(f"explain: {title}", runs, base=UNIT, rounds=rounds, at_least=0.02)


def first(programs):
    for title, program in programs.items():
        yield once(f"explain: {title}", program)
