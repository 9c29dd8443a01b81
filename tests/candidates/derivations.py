"""Sixty right derivatives, with marks from which mistakes are made mechanically.

Each row: leaves (name: sizes), the program, what it is differentiated by, and the derivative as NumPy text. The marks:
    inner(E)       a factor that the chain rule brings: the mistake is to leave it out
    term(E)        a contribution of one path: the mistake is to forget it
    up(G)          the upstream gradient: the mistake is to take it as one
    act(D, f)      an activation's derivative: the mistake is to write f
    uv(a, b, c)    a + b by the product rule: the mistake is c = u'v'
    quot(a, b, v)  (a − b) / v² by the quotient rule: mistakes of sign and denominator
"""

ROWS = [
    # elementwise chains
    ("x: 3", "out = sin(x * x).sum()", "x", "cos(x*x) * inner(2*x)"),
    ("x: 3", "u = x ** 3; out = exp(u).sum()", "x", "exp(u) * inner(3*x**2)"),
    ("x: 3", "z = 3 * x + 1; out = (z ** 2).sum()", "x", "2*z * inner(3)"),
    ("a: 2 2", "b = a + 5; c = b * b * 2; out = c.mean()", "a", "4*b / 4"),
    ("x: 4", "s = sigmoid(x); out = s.sum()", "x", "act(s * (1 - s), s)"),
    ("x: 4", "t = tanh(2 * x); out = t.sum()", "x", "act(1 - t**2, t) * inner(2)"),
    ("x: 3", "s = sigmoid(x * x); out = (s ** 2).sum()", "x", "2*s * act(s * (1 - s), s) * inner(2*x)"),
    ("x: 3, c: 3", "t = tanh(x * c); out = (t * t * t).sum()", "x", "3*t**2 * act(1 - t**2, t) * inner(c)"),
    ("x: 3", "out = log(1 + x * x).sum()", "x", "inner(2*x) / (1 + x*x)"),
    ("x: 3", "out = sqrt(1 + x ** 2).mean()", "x", "x / sqrt(1 + x**2) / 3"),
    ("x: 3", "u = sin(x); out = exp(u).mean()", "x", "exp(u) * inner(cos(x)) / 3"),
    ("x: 3", "out = cos(x ** 3).sum()", "x", "-sin(x**3) * inner(3*x**2)"),
    ("x: 3", "out = (exp(2 * x) + x ** 4).sum()", "x", "term(2 * exp(2*x)) + term(4 * x**3)"),
    ("x: 3", "out = (1 / (1 + exp(x))).sum()", "x", "-exp(x) / (1 + exp(x))**2"),
    ("x: 4", "z = x * x - 1; h = relu(z); out = (h * h).sum()", "x", "2*h * inner(2*x)"),
    # products and quotients
    ("x: 3", "u = sin(x); v = x ** 2 + 1; out = (u * v).sum()", "x", "uv(cos(x) * v, u * 2*x, cos(x) * 2*x)"),
    ("x: 3", "u = x ** 2 + 3; v = exp(x); out = (u * v).mean()", "x", "uv(2*x * v, u * v, 2*x * v) / 3"),
    ("x: 3", "u = cos(x); v = sin(2 * x); out = (u * v).sum()", "x",
     "uv(-sin(x) * v, u * 2*cos(2*x), -sin(x) * 2*cos(2*x))"),
    ("x: 3", "u = tanh(x); v = x ** 3 + x; out = (u * v).sum()", "x",
     "uv((1 - u**2) * v, u * (3*x**2 + 1), (1 - u**2) * (3*x**2 + 1))"),
    ("x: 3", "u = sin(x); v = x ** 2 + 1; out = (u / v).sum()", "x", "quot(cos(x) * v, u * 2*x, v)"),
    ("x: 3", "u = exp(x); v = x ** 2 + 2; out = (u / v).sum()", "x", "quot(u * v, u * 2*x, v)"),
    ("x: 3", "u = x ** 2; v = 1 + exp(x); out = (u / v).mean()", "x", "quot(2*x * v, u * exp(x), v) / 3"),
    ("x: 3", "u = x ** 3; v = 2 + cos(x); out = (u / v).sum()", "x", "quot(3*x**2 * v, -u * sin(x), v)"),
    ("a: 3, b: 3", "out = (a * b).sum()", "a", "b"),
    ("a: 3, b: 3", "c = a * b; out = (c ** 2 + a).sum()", "a", "term(2*c*b) + term(1)"),
    # several paths
    ("x: 3", "b = x * x; c = sin(x); out = (b * 2 + c).sum()", "x", "term(4*x) + term(cos(x))"),
    ("x: 3", "b = exp(x); c = b * b; d = b + 3; out = (c * 2 - d).sum()", "x", "term(4*b*b) - term(b)"),
    ("x: 3, w: 3", "u = x * w; v = x ** 2; out = (u * u + v + sin(x)).sum()", "x",
     "term(2*u*w) + term(2*x) + term(cos(x))"),
    ("x: 4", "h = tanh(x); out = (h + x ** 2).mean()", "x", "term(act(1 - h**2, h) / 4) + term(2*x / 4)"),
    ("x: 3", "m = x.mean(); out = ((x - m) ** 2 + x ** 3).sum()", "x", "term(2*(x - m)) + term(3*x**2)"),
    # linear models
    ("X: 4 3, w: 3, y: 4", "r = X @ w - y; loss = (r ** 2).sum()", "w", "2 * X.T @ r"),
    ("X: 4 3, w: 3, y: 4", "r = X @ w - y; loss = (r ** 2).mean()", "w", "2 * X.T @ r / 4"),
    ("X: 4 3, w: 3, y: 4", "r = X @ w - y; loss = (r ** 2).sum() / 2 + (w ** 2).sum()", "w",
     "term(X.T @ r) + term(2*w)"),
    ("X: 4 3, w: 3, y: 4", "p = sigmoid(X @ w); loss = ((p - y) ** 2).sum()", "w",
     "X.T @ (2 * (p - y) * act(p * (1 - p), p))"),
    ("X: 4 3, w: 3, y: 4", "z = X @ w; loss = (log(1 + exp(z)) - y * z).mean()", "w",
     "X.T @ (exp(z) / (1 + exp(z)) - y) / 4"),
    ("X: 4 3, W: 3 2, Y: 4 2", "R = X @ W - Y; loss = (R ** 2).sum()", "W", "2 * X.T @ R"),
    ("X: 4 3, W: 3 2, Y: 4 2", "R = X @ W - Y; loss = (R ** 2).mean()", "W", "2 * X.T @ R / 8"),
    ("X: 4 3, W: 3 2, Y: 4 2", "R = X @ W - Y; loss = (R ** 2).sum()", "X", "2 * R @ W.T"),
    ("X: 4 3, W: 3 2, b: 2", "Z = X @ W + b; loss = (Z ** 2).sum()", "b", "(2 * Z).sum(axis=0)"),
    ("X: 4 3, W: 3 2, b: 2", "H = tanh(X @ W + b); loss = (H ** 3).sum()", "W",
     "X.T @ (3 * H**2 * act(1 - H**2, H))"),
    ("X: 4 3, W: 3 2, b: 2", "H = tanh(X @ W + b); loss = (H ** 3).sum()", "b",
     "(3 * H**2 * act(1 - H**2, H)).sum(axis=0)"),
    ("X: 4 3, W: 3 2, V: 2 2", "H = tanh(X @ W); O = H @ V; loss = (O ** 2).mean()", "W",
     "X.T @ ((2 * O / 8) @ V.T * act(1 - H**2, H))"),
    ("X: 4 3, W: 3 2, V: 2 2", "H = relu(X @ W); O = H @ V; loss = (O ** 2).sum()", "V", "H.T @ (2 * O)"),
    # square matrices, where a wrong transpose still has the right shape
    ("A: 3 3, x: 3", "out = (x * (A @ x)).sum()", "x", "term(A @ x) + term(A.T @ x)"),
    ("A: 3 3, B: 3 3", "P = A @ B; out = (P ** 2).sum()", "A", "2 * P @ B.T"),
    ("A: 3 3, B: 3 3", "P = A @ B; out = (P ** 2).sum()", "B", "2 * A.T @ P"),
    ("A: 2 2, B: 2 2, C: 2 2", "P = A @ B; Q = P @ C; out = (Q ** 3).sum()", "A", "3 * Q**2 @ C.T @ B.T"),
    ("A: 3 3, S: 3 3", "out = (A * S).sum() + (A @ A).sum()", "S", "A"),
    ("W: 3 3, x: 3, y: 3", "h = tanh(W @ x); out = ((h - y) ** 2).sum()", "x",
     "W.T @ (2 * (h - y) * act(1 - h**2, h))"),
    ("W: 3 3, x: 3, y: 3", "h = tanh(W @ x); out = ((h - y) ** 2).sum()", "W",
     "np.outer(2 * (h - y) * act(1 - h**2, h), x)"),
    # upstream gradients
    ("x: 3", "out = x ** 2", "x", "up(G) * 2*x"),
    ("X: 4 3, W: 3 2", "out = X @ W", "W", "X.T @ up(G)"),
    ("X: 4 3, W: 3 2", "out = X @ W", "X", "up(G) @ W.T"),
    ("X: 4 3, W: 3 2, b: 2", "out = sigmoid(X @ W + b)", "b", "(up(G) * act(out * (1 - out), out)).sum(axis=0)"),
    ("x: 3", "out = softmax(x, 0)", "x", "out * (up(G) - (up(G) * out).sum())"),
    ("X: 3 4", "out = softmax(X, 1)", "X", "out * (up(G) - (up(G) * out).sum(axis=1, keepdims=True))"),
    # columns, broadcasting, batches
    ("X: 4 3, s: 4 1", "out = ((X * s) ** 2).sum()", "s", "(2 * X * s * X).sum(axis=1, keepdims=True)"),
    ("X: 4 3, s: 3", "Y = X * s; out = (Y ** 2).mean()", "s", "(2 * Y * X).sum(axis=0) / 12"),
    ("X: 4 3, W: 3 1, y: 4 1", "R = X @ W - y; loss = (R ** 2).mean()", "W", "2 * X.T @ R / 4"),
    ("X: 4 3", "m = X.mean(1, keepdim=True); C = X - m; out = (C ** 3).sum()", "X",
     "3*C**2 - (3*C**2).mean(axis=1, keepdims=True)"),
]
