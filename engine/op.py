"""An operation and its registry: the one place an operation is declared.

An Op is data: a numeric forward, one VJP rule an operand, a symbol, words. Its rule is
read on ndarrays (numbers), on symbols (formulas) and on tensors (higher derivatives).
Imported by engine.tape, engine.tensor, engine.symbols and every module of engine.ops.
"""

from collections import namedtuple
from importlib import import_module

from engine.aliases import accepting

WAITING = []  # the modules that declare what `import engine` leaves out, until they have


def declare_rest():
    """Declare the operations that `import engine` leaves out, if that is still to be done."""
    for module in WAITING:
        import_module(module)


class Table(dict):
    """A dictionary of what is declared: whoever lists it, or misses something, gets what `import engine` leaves out.

    >>> "linalg.svd" in PUBLIC
    True
    """

    def __missing__(self, key):
        declare_rest()
        if dict.__contains__(self, key):
            return dict.__getitem__(self, key)
        raise KeyError(key)

    def __contains__(self, key):
        return dict.__contains__(self, key) or declare_rest() or dict.__contains__(self, key)

    def get(self, key, default=None):
        declare_rest()
        return dict.get(self, key, default)

    def __iter__(self):
        declare_rest()
        return dict.__iter__(self)

    def __len__(self):
        declare_rest()
        return dict.__len__(self)

    def keys(self):
        declare_rest()
        return dict.keys(self)

    def values(self):
        declare_rest()
        return dict.values(self)

    def items(self):
        declare_rest()
        return dict.items(self)


REGISTRY = Table()  # name -> Op, in order of declaration
READERS = {}  # class of an operand -> apply(op, args, params); ndarrays need none
PUBLIC = Table()  # where PyTorch's users look -> callable: "exp", "Tensor.exp", "linalg.inv", "nn.functional.relu"


class Op:
    """One operation: how it is computed, differentiated, written and explained.

    forward  NumPy function of the operands and the keyword parameters
    vjp      one rule an operand, `rule(g, y, *operands, **params)`, written in operators and
             named ops; None for an operand without derivative (an index, say); () for an
             operation without derivative, whose result never requires grad; Every(rule) for
             any number of operands
    numeric  optional rules of the same form for numbers only, where the plain rule loses digits
    keeping  optional function like `forward`, run where a gradient may be asked for: it keeps what `numeric` would
             compute again (engine.kept)
    sympy    name of the SymPy function that is this elementwise operation, if there is one
    shape    output shape from operand shapes and parameters; entries may be letters
    normal   optional `normal(*symbols, **params)`: a simpler symbol that means the same, or None
    text, latex  templates for the symbol, with {0}, {1}, and parameters by name
    types    how operand dtypes make the output's: a key of engine.promotion.TYPES
    says     one sentence of words, or one for each operand
    linear   the operands in which it is linear, so that factors without shape can move out
    moves    whether its output's entries are copies of its operand's, so that a uniform array stays one
    saves    whether its pullback needs saved tensors (PyTorch frees them after backward)
    samples  arguments to try it with: call(...) with shapes, numbers, and draws such as ints((3,), high=5)
    edges    points, one number or list an operand, where mathematics and PyTorch's convention may differ
    internal why it has no samples and no counterpart in PyTorch, for the few that users never call
    """

    def __init__(self, name, **fields):
        self.__dict__.update(fields, name=name)

    def __call__(self, *args, **params):
        for arg in args:
            read = READERS.get(arg.__class__)
            if read is not None:
                return read(self, args, params)
        return self.forward(*args, **params)

    def __get__(self, instance, owner=None):
        """Bind as a method, so that an Op can stand in a class as PyTorch's methods do."""
        return self if instance is None else _Bound(self, instance)

    def __repr__(self):
        return f"<op {self.name}>"

    @property
    def __name__(self):
        return self.name

    def words(self, at):
        """The sentence that goes with the rule of one operand."""
        if isinstance(self.says, str):
            return self.says
        return self.says[min(at, len(self.says) - 1)]

    @property
    def elementwise(self):
        return self.shape is broadcast_shapes


class _Bound:
    __slots__ = ("op", "instance")

    def __init__(self, op, instance):
        self.op = op
        self.instance = instance

    def __call__(self, *args, **params):
        return self.op(self.instance, *args, **params)


class Every:
    """One rule for all operands of an operation that takes any number: rule(at, g, y, *operands)."""

    __slots__ = ("rule",)

    def __init__(self, rule):
        self.rule = rule

    def __getitem__(self, at):
        rule = self.rule
        return lambda g, y, *operands, **params: rule(at, g, y, *operands, **params)


def op(
    name, *, numpy, vjp=(), numeric=None, keeping=None, sympy=None, shape=None, normal=None, text=None, latex=None,
    types="arithmetic", saves=True, rule="", says="", law="", domain=(), edges=(), samples=(), torch=None,
    source="", linear=(), moves=False, public=(), internal="",
):  # fmt: skip
    """Declare an operation and enter it in the registry; see Op for the fields."""
    if dict.__contains__(REGISTRY, name):
        raise ValueError(f"the operation {name!r} is declared twice; give one of them another name")
    new = Op(
        name, forward=numpy, vjp=vjp if vjp.__class__ is Every else tuple(vjp), numeric=numeric, keeping=keeping,
        sympy=sympy, shape=shape or broadcast_shapes, normal=normal, text=text, latex=latex, types=types, saves=saves,
        rule=rule or name, says=says, law=law, domain=domain, edges=edges, samples=samples,
        torch=torch or backward_name(name), source=source, linear=linear, moves=moves, internal=internal,
    )  # fmt: skip
    sentences = says if isinstance(says, str) else " ".join(dict.fromkeys(says))
    new.__doc__ = f"{law}\n\n{sentences}" if law else sentences
    REGISTRY[name] = new
    for path in public:
        PUBLIC[path] = new
    return new


def public(*paths):
    """Enter a function under PyTorch's names for it, such as "sum" and "Tensor.sum"."""

    def enter(function):
        for path in paths:
            PUBLIC[path] = function
        if getattr(function, "__qualname__", "").startswith("_"):
            function.__qualname__ = paths[0].rpartition(".")[2]  # what Python's complaints about arguments say
        return function

    return enter


def names_in(module):
    """The public names of one of PyTorch's modules: names_in("linalg") -> {"inv": ...}.

    >>> "exp" in names_in("")
    True
    """
    dots = module.count(".") + 1 if module else 0
    prefix = module + "." if module else ""
    return {
        path[len(prefix) :]: accepting(path, made)
        for path, made in PUBLIC.items()
        if path.startswith(prefix) and path.count(".") == dots
    }


def public_name(path):
    """One public name, as users call it, or None: public_name("linalg.inv")."""
    return accepting(path, PUBLIC[path]) if path in PUBLIC else None


def backward_name(name):
    """PyTorch's name of the backward node: log_softmax -> LogSoftmaxBackward0."""
    return "".join(part.capitalize() for part in name.split("_")) + "Backward0"


def broadcast_shapes(*shapes, **_params):
    """The NumPy broadcast of shapes whose entries are ints or letters.

    >>> broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    rank = max(map(len, shapes), default=0)
    out = [1] * rank
    for shape in shapes:
        for at, size in enumerate(shape, rank - len(shape)):
            if size == 1 or size == out[at]:
                continue
            if out[at] != 1:
                raise ShapeError(f"shapes {_listed(shapes)} don't broadcast: {out[at]} meets {size}")
            out[at] = size
    return tuple(out)


class Sample(tuple):
    """Arguments to try an operation with: (args, params); a tuple among args stands for an array of that shape."""

    __slots__ = ()


def call(*args, **params):
    """A sample: call((2, 3), 2, dim=(0,)) is op(an array of shape (2, 3), 2, dim=(0,))."""
    return Sample((args, params))


Draw = namedtuple("Draw", "kind shape low high", defaults=(None, None))
Draw.__doc__ = "An operand of a sample that isn't simply a random array of the operand's domain."


def ints(shape, high=5, low=0):
    """A sample's operand: integers from `low` up to `high`, which is left out."""
    return Draw("integer", shape, low, high)


def bools(shape):
    """A sample's operand: booleans."""
    return Draw("boolean", shape)


def spd(n, *batch):
    """A sample's operand: symmetric positive definite matrices."""
    return Draw("positive definite", (*batch, n, n))


def symmetric(n, *batch):
    """A sample's operand: symmetric matrices."""
    return Draw("symmetric", (*batch, n, n))


def lower(n, *batch):
    """A sample's operand: lower triangular matrices with a diagonal away from zero."""
    return Draw("lower triangular", (*batch, n, n))


def within(domain, shape):
    """A sample's operand: an array of another domain than the operation declares."""
    return Draw(domain, shape)


class ShapeError(ValueError):
    """Two shapes that don't fit together."""


def _listed(shapes):
    return " and ".join("(" + ", ".join(map(str, shape)) + ")" for shape in shapes)


def first_shape(shape, *_others, **_params):
    """The shape rule of an operation that keeps its first operand's shape."""
    return shape
