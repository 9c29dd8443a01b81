"""Arrays of other libraries where one of ours is wanted; PyTorch's own tensors are the likeliest.

Imported by explain.explanation, explain.targets, the command line and the notebook magic.
"""

LIBRARIES = {"torch": "PyTorch", "jax": "JAX", "jaxlib": "JAX", "tensorflow": "TensorFlow", "autograd": "autograd"}
REMEDY = "run the program with `import engine as torch`, which keeps what a formula is made from"


def library(value):
    """The library that a value comes from, if it is one that computes gradients; else None.

    >>> library(3.0) is None
    True
    """
    return LIBRARIES.get(type(value).__module__.partition(".")[0])


def called(value):
    """What a value is called in a complaint: its class, and whose it is where that is the point.

    >>> called(3.0)
    'float'
    """
    owner = library(value)
    return f"{owner}'s own {type(value).__name__}" if owner else type(value).__name__


def remedy(value, otherwise):
    """What to do about a value: run the program on our tensors, or what else there is to do."""
    return REMEDY if library(value) else otherwise


def among(variables):
    """The name of a variable that holds another library's array, None if there is none."""
    return next((name for name, value in variables.items() if library(value) and hasattr(value, "shape")), None)
