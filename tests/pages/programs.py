"""Ten programs whose pages are kept as files: `python tests/pages` writes them again."""

import engine as torch
from explain import explain


def array(*rows, grad=True):
    return torch.tensor(list(rows), dtype=torch.float64, requires_grad=grad)


def tutorial():
    a = torch.ones(2, 2, requires_grad=True)
    b = a + 5
    c = b * b * 2
    out = c.mean()
    return explain(out, wrt=a)


def several_paths():
    q = torch.tensor(3.0, requires_grad=True)
    s = q * q
    t = q * s
    return explain(t, wrt=q)


def least_squares():
    X = array([1.0, 2.0], [3.0, 4.0], [5.0, 6.0], grad=False)
    y = array(1.0, 0.0, 1.0, grad=False)
    w = array(0.5, -0.5)
    r = X @ w - y
    loss = (r**2).mean()
    return explain(loss, wrt=w, dims={"X": "n d", "y": "n", "w": "d"})


def cross_entropy():
    z = array([1.0, 0.0, -1.0], [0.5, 0.5, 0.0])
    t = array([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], grad=False)
    p = torch.softmax(z, dim=1)
    loss = -(t * torch.log(p)).sum(1).mean()
    return explain(loss, wrt=z, assume={"t": "one_hot"})


def two_layers():
    X = array([1.0, -1.0], [0.5, 2.0], [0.0, 1.0], grad=False)
    y = array([1.0], [0.0], [0.5], grad=False)
    W1, b1, W2 = array([0.5, -0.25], [0.25, 0.5]), array(0.125, -0.5), array([1.0], [-1.0])
    z1 = X @ W1 + b1
    h = torch.relu(z1)
    p = h @ W2
    loss = ((p - y) ** 2).mean()
    return explain(loss, wrt=W1)


def bias():
    X = array([1.0, -1.0], [0.5, 2.0], [0.0, 1.0], grad=False)
    W, b = array([0.5, -0.25], [0.25, 0.5]), array(0.125, -0.5)
    s = torch.sigmoid(X @ W + b)
    loss = s.sum()
    return explain(loss, wrt=b)


def layer_norm():
    x, gamma, beta = array([1.0, 2.0, 4.0], [0.0, -1.0, 1.0]), array(1.0, 2.0, 0.5), array(0.0, 1.0, 0.0)
    mu = x.mean(1, keepdim=True)
    xc = x - mu
    var = (xc * xc).mean(1, keepdim=True)
    sigma = (var + 1e-5).sqrt()
    xh = xc / sigma
    y = gamma * xh + beta
    return explain(y, wrt=x)


def attention():
    Q, K = array([1.0, 0.0], [0.0, 1.0]), array([1.0, 1.0], [0.5, -1.0], [0.0, 2.0])
    V = array([1.0], [2.0], [3.0])
    S = Q @ K.T / 2**0.5
    P = torch.softmax(S, dim=1)
    O = P @ V  # noqa: E741
    return explain(O, wrt=Q)


def recurrence():
    w, h = array([0.5, -0.5], [0.25, 1.0]), array(1.0, -1.0)
    states = [h]
    for _step in range(9):
        states.append(torch.tanh(w @ states[-1]))
    loss = (states[-1] ** 2).sum()
    return explain(loss, wrt=w)


def awkward_names():
    """Names that every format must escape; a corner; a tie; an empty value."""
    x = array(0.0, 1.0, 1.0)
    m = torch.abs(x) + torch.amax(x)
    out = (m * 1e-6).sum()
    return explain(out, wrt=x, names={"<b>&\"'": x, "w_{1}^2#%$\\": m, "µ|`*": out})


PROGRAMS = {
    made.__name__: made
    for made in (tutorial, several_paths, least_squares, cross_entropy, two_layers, bias, layer_norm, attention,
                 recurrence, awkward_names)
}  # fmt: skip
DETAILS = {"tutorial": "rules", "two_layers": "ops", "least_squares": "entries", "bias": "short"}  # else steps


def pages(name):
    """suffix -> the page in that format, as it is kept."""
    explanation = PROGRAMS[name]()
    detail = DETAILS.get(name, "steps")
    html = explanation.html(detail)
    return {
        "txt": explanation.text(detail) + "\n",
        "md": explanation.markdown(detail),
        "tex": explanation.latex(detail, document=False),
        "html": html[html.index("<body>") : html.index("<script>")],
        "json": explanation.json(detail) + "\n",
    }
