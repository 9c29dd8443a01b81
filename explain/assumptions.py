"""What a user may assume of a leaf: checked on the data, kept at the certificate's fresh points.

Imported by explain.explanation and explain.fresh.
"""

import numpy as np

CLOSE = 1e-5  # relative; how well float32 data must satisfy an assumption


def _symmetric(x):
    return x.ndim >= 2 and x.shape[-1] == x.shape[-2] and np.allclose(x, np.swapaxes(x, -1, -2), CLOSE, CLOSE)


def _orthogonal(x):
    square = x.ndim == 2 and x.shape[0] == x.shape[1]
    return square and np.allclose(x.T @ x, np.eye(len(x)), CLOSE, CLOSE)


def _distribution(x):
    return x.ndim >= 1 and bool(np.all(x >= 0)) and np.allclose(x.sum(-1), 1, CLOSE, CLOSE)


def _one_hot(x):
    return x.ndim >= 1 and bool(np.all((x == 0) | (x == 1))) and bool(np.all(x.sum(-1) == 1))


# word -> (test, what the data must be)
WORDS = {
    "symmetric": (_symmetric, "equal to its transpose"),
    "positive": (lambda x: bool(np.all(x > 0)), "greater than zero in every entry"),
    "orthogonal": (_orthogonal, "a square matrix whose transpose is its inverse"),
    "distribution": (_distribution, "nonnegative with a last axis that sums to one"),
    "one_hot": (_one_hot, "zeros but for one 1 along the last axis"),
}


def checked(assume, find, names):
    """node -> tuple of words; an error where a word is unknown or the data doesn't satisfy it.

    find  a tensor or a name -> node
    """
    found = {}
    for key, given in (assume or {}).items():
        node = find(key)
        name = names.get(node, key if isinstance(key, str) else "the tensor")
        if node.op is not None:
            raise ValueError(
                f"assume= is about leaves, and {name} is computed ({node.op.name}); assume something of the "
                "leaves that it is computed from"
            )
        words = tuple(given.split()) if isinstance(given, str) else tuple(given)
        for word in words:
            if word not in WORDS:
                raise ValueError(f"there is no assumption {word!r}; there are {', '.join(sorted(WORDS))}")
            test, meaning = WORDS[word]
            if not test(np.asarray(node.output, dtype=float)):
                raise ValueError(
                    f"{name} was assumed to be {word.replace('_', '-')}, but its values are not {meaning}; "
                    f"drop that assumption or pass data that satisfies it"
                )
        found[node] = words
    return found


def kept(words, value, generator):
    """A fresh value brought back to what is assumed of it.

    >>> kept(("symmetric",), np.array([[1.0, 2.0], [4.0, 1.0]]), None)
    array([[1., 3.],
           [3., 1.]])
    """
    if "orthogonal" in words:
        return np.linalg.qr(generator.standard_normal(value.shape))[0]
    if "one_hot" in words:
        size = value.shape[-1]
        return np.eye(size)[generator.integers(0, size, value.shape[:-1])] if size else value
    if "symmetric" in words:
        value = (value + np.swapaxes(value, -1, -2)) / 2
    if "positive" in words or "distribution" in words:
        value = np.abs(value)
    if "distribution" in words:
        value = value / value.sum(-1, keepdims=True)
    return value
