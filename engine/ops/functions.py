"""How elementwise operations get PyTorch's names. Imported by the families of elementwise operations."""

from engine.op import call, op, public

SHAPES = (call((2, 3)), call(()), call((0,)))
PAIRS = (call((2, 3), (2, 3)), call((3,), (2, 1)), call((), (2,)), call((2,), 0.7), call(1.3, (2,)), call((0,), ()))
IN_PLACE = set()  # methods of which engine.inplace makes the variant with an underscore


def function(name, *aliases, in_place=True, **fields):
    """Declare an elementwise operation of one operand, which PyTorch has as function and as method.

    An alias may be a name, such as "arcsin", or a path, such as "special.erf". A name "special_ndtr" is
    PyTorch's special.ndtr and no method.
    """
    fields.setdefault("types", "float")
    fields.setdefault("samples", SHAPES)
    made = op(name, **fields)
    for path in _paths(name, aliases, in_place=in_place):
        public(path)(made)
    return made


def function_of_two(name, *aliases, in_place=True, **fields):
    """Declare an elementwise operation of two operands, `input` and `other`, under PyTorch's names."""
    fields.setdefault("samples", PAIRS)
    made = op(name, **fields)

    def apply(input, other):
        return made(input, other)

    public(*_paths(name, aliases, in_place=in_place))(described(apply, name, made))
    return made


def activation(name, operation, **settings):
    """Enter an operation as nn.functional's `name`: its parameters in PyTorch's order, with their defaults.

    A parameter without default is given as None.
    """
    order = tuple(settings)

    defaults = {key: float(value) for key, value in settings.items() if value is not None}

    def apply(input, *args, inplace=False, **given):
        if not (args or given or inplace) and len(defaults) == len(settings):
            return operation(input, **defaults)
        if len(args) > len(order):
            raise TypeError(f"{name}() takes at most {1 + len(order)} arguments; its parameters are {', '.join(order)}")
        params = {**settings, **dict(zip(order, args)), **given}
        for key, value in params.items():
            if key not in settings:
                raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
            if value is None:
                raise TypeError(f"{name}() missing required argument '{key}'")
        result = operation(input, **{key: float(value) for key, value in params.items()})
        if not inplace:
            return result
        from engine.inplace import assign

        return assign(input, result)

    described(apply, name, operation)
    return public(f"nn.functional.{name}")(apply)


def described(function, name, operation):
    """Give a public function the name and the words of its operation."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = operation.__doc__
    return function


def _paths(name, aliases, in_place):
    """Where PyTorch has a function: by its name and its aliases, as a method by the names without a dot."""
    if name.startswith("special_"):
        return [name.replace("_", ".", 1), *aliases]
    names = [alias for alias in (name, *aliases) if "." not in alias]
    if in_place:
        IN_PLACE.update(names)
    return [*names, *(f"Tensor.{alias}" for alias in names), *(path for path in aliases if "." in path)]
