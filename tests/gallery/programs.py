"""The programs of docs/gallery, as data: `python tests/gallery` writes the pages again."""

from gallery.derivation import Derivation
from gallery.networks import NETWORKS

ALL = [
    Derivation(
        "chain-rule", "The chain rule on numbers", "Three functions, one inside the other.",
        """
x = torch.tensor(2.0, requires_grad=True)
u = 3 * x + 1
v = u ** 2
y = torch.log(v)
""", ("x",), "y", "rules"),
    Derivation(
        "six", "Why a.grad is six", "The program that every tutorial of automatic differentiation begins with.",
        """
a = torch.ones(2, 2, requires_grad=True)
b = a + 5
c = b * b * 2
out = c.mean()
""", ("a",), "out", "rules"),
    Derivation(
        "product-rule", "The product rule", "Two functions of one variable, multiplied.",
        """
t = torch.tensor(0.5, requires_grad=True)
f = torch.sin(t) * torch.exp(t)
""", ("t",), "f", "rules"),
    Derivation(
        "quotient-rule", "The quotient rule", "One function of a variable over another.",
        """
t = torch.tensor(1.5, requires_grad=True)
f = (t ** 2 + 1) / (2 * t - 1)
""", ("t",), "f", "rules"),
    Derivation(
        "several-paths", "A variable that is used several times", "Each use passes something back; parts add up.",
        """
q = torch.tensor(3.0, requires_grad=True)
s = q * q
t = q * s + q
""", ("q",), "t"),
    Derivation(
        "sigmoid", "The sigmoid", "Written out in exponentials, its slope is s (1 − s).",
        """
x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
s = 1 / (1 + torch.exp(-x))
""", ("x",), "s"),
    Derivation(
        "relu", "relu at its corner", "One entry is zero, where there is no derivative; what is taken is a convention.",
        """
x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
h = torch.relu(x)
loss = (h * h + h).sum()
""", ("x",)),
    Derivation(
        "maximum", "A maximum with a tie", "Two entries are largest, and share the gradient.",
        """
x = torch.tensor([3.0, 1.0, 3.0], requires_grad=True)
m = torch.amax(x)
loss = m ** 2
""", ("x",)),
    Derivation(
        "broadcasting", "What broadcasting repeats is summed", "A row is added to each row of a matrix.",
        """
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
b = torch.tensor([0.5, -0.5], requires_grad=True)
S = X + b
loss = (S ** 2).sum()
""", ("b",), options={"dims": {"X": "n d", "b": "d"}}),
    Derivation(
        "matrix-vector", "A matrix times a vector", "Why the transpose appears, and whence the sum over rows.",
        """
A = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
x = torch.tensor([1.0, -1.0], requires_grad=True)
y = A @ x
loss = (y ** 2).sum() / 2
""", ("x",)),
    Derivation(
        "matrix-product", "A product of two matrices", "One transposed factor on either side.",
        """
A = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
B = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]], requires_grad=True)
C = A @ B
loss = torch.exp(C).sum()
""", ("A", "B")),
    Derivation(
        "quadratic-form", "A quadratic form", "x A x: the matrix meets its transpose.",
        """
A = torch.tensor([[2.0, 1.0], [0.0, 3.0]])
x = torch.tensor([1.0, -2.0], requires_grad=True)
q = x @ (A @ x)
""", ("x",), "q", options={"dims": {"A": "n n", "x": "n"}}),
    Derivation(
        "least-squares", "Least squares", "The gradient that leads to the normal equations.",
        """
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
y = torch.tensor([1.0, 0.0, 1.0])
w = torch.tensor([0.5, -0.5], requires_grad=True)
r = X @ w - y
loss = (r ** 2).mean()
""", ("w",), detail="entries", options={"dims": {"X": "n d", "y": "n", "w": "d"}}),
    Derivation(
        "ridge", "Ridge regression", "The penalty reaches the weights directly, the error by way of the residual.",
        """
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
y = torch.tensor([1.0, 0.0, 1.0])
w = torch.tensor([0.5, -0.5], requires_grad=True)
r = X @ w - y
loss = (r * r).mean() + 0.1 * (w * w).sum()
""", ("w",), options={"dims": {"X": "n d", "y": "n", "w": "d"}}),
    Derivation(
        "logistic-regression", "Logistic regression", "All the logarithms cancel: what is left is p − y.",
        """
X = torch.tensor([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]])
y = torch.tensor([1.0, 0.0, 1.0])
w = torch.tensor([0.25, -0.5], requires_grad=True)
p = torch.sigmoid(X @ w)
loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
""", ("w",), options={"dims": {"X": "n d", "y": "n", "w": "d"}}),
    Derivation(
        "softmax", "The softmax", "Why its pullback is p ⊙ (g − Σ g ⊙ p).",
        """
z = torch.tensor([[1.0, 0.0, -1.0], [0.5, 0.5, 0.0]], requires_grad=True)
p = torch.softmax(z, dim=1)
""", ("z",), "p"),
    Derivation(
        "cross-entropy", "Softmax and cross-entropy", "With one-hot targets, the gradient is softmax less target.",
        """
z = torch.tensor([[1.0, 0.0, -1.0], [0.5, 0.5, 0.0]], requires_grad=True)
t = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
p = torch.softmax(z, dim=1)
loss = -(t * torch.log(p)).sum(1).mean()
""", ("z",), options={"dims": {"z": "n c", "t": "n c"}, "assume": {"t": "one_hot"}}),
    Derivation(
        "log-sum-exp", "Log-sum-exp", "Its gradient is the softmax.",
        """
z = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
f = torch.exp(z).sum().log()
""", ("z",), "f"),
    Derivation(
        "hinge", "The hinge loss of a support vector machine", "Only examples within the margin count.",
        """
X = torch.tensor([[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]])
y = torch.tensor([1.0, -1.0, 1.0])
w = torch.tensor([0.25, 0.5], requires_grad=True)
margin = y * (X @ w)
loss = torch.relu(1 - margin).mean()
""", ("w",)),
    Derivation(
        "huber", "The Huber loss", "Squares for small errors, absolute values for large ones.",
        """
y = torch.tensor([1.0, 2.0, 3.0])
p = torch.tensor([1.5, 0.0, 3.25], requires_grad=True)
e = p - y
size = e.abs()
loss = torch.where(size < 1, e * e / 2, size - 0.5).sum()
""", ("p",)),
    Derivation(
        "normalise", "A vector on the unit sphere", "Dividing by the norm takes the part along the vector away.",
        """
u = torch.tensor([3.0, 4.0], requires_grad=True)
n = (u * u).sum().sqrt()
v = u / n
""", ("u",), "v"),
    Derivation(
        "cosine", "Cosine similarity", "The angle between two vectors, whatever their lengths.",
        """
u = torch.tensor([1.0, 2.0], requires_grad=True)
v = torch.tensor([2.0, -1.0])
s = (u @ v) / (torch.sqrt(u @ u) * torch.sqrt(v @ v))
""", ("u",), "s"),
    Derivation(
        "layer-norm", "Layer normalisation", "Mean and deviation depend on every entry of a row.",
        """
x = torch.tensor([[1.0, 2.0, 4.0], [0.0, -1.0, 1.0]], requires_grad=True)
gamma = torch.tensor([1.0, 2.0, 0.5])
beta = torch.tensor([0.0, 1.0, 0.0])
mu = x.mean(1, keepdim=True)
xc = x - mu
var = (xc * xc).mean(1, keepdim=True)
sigma = torch.sqrt(var + 1e-5)
x_hat = xc / sigma
y = gamma * x_hat + beta
""", ("x",), "y"),
    Derivation(
        "batch-norm", "Batch normalisation", "The same down the columns: examples of a batch meet.",
        """
x = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]], requires_grad=True)
gamma = torch.tensor([1.0, 2.0])
mu = x.mean(0)
xc = x - mu
sigma = torch.sqrt((xc * xc).mean(0) + 1e-5)
x_hat = xc / sigma
y = gamma * x_hat
""", ("x",), "y"),
    Derivation(
        "rms-norm", "Root mean square normalisation", "Layer normalisation without the mean.",
        """
x = torch.tensor([[1.0, 2.0, 2.0], [0.5, -1.0, 1.0]], requires_grad=True)
g = torch.tensor([1.0, 0.5, 2.0])
r = torch.sqrt((x * x).mean(1, keepdim=True) + 1e-6)
y = g * x / r
""", ("x",), "y"),
    Derivation(
        "two-layers", "A training step of a two-layer network", "Backpropagation, layer by layer.",
        """
X = torch.tensor([[1.0, -1.0], [0.5, 2.0], [0.25, 1.0]])
y = torch.tensor([[1.0], [0.0], [0.5]])
W1 = torch.tensor([[0.5, -0.25], [0.25, 0.5]], requires_grad=True)
b1 = torch.tensor([0.125, -0.5], requires_grad=True)
W2 = torch.tensor([[1.0], [-1.0]], requires_grad=True)
z1 = X @ W1 + b1
h = torch.tanh(z1)
p = h @ W2
loss = ((p - y) ** 2).mean()
lr = 0.1
""", ("W1", "b1", "W2")),
    Derivation(
        "classifier", "A classifier with a hidden layer", "From the softmax down to the first layer's weights.",
        """
X = torch.tensor([[1.0, -1.0], [0.5, 2.0], [0.25, 1.0]])
t = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
W1 = torch.tensor([[0.5, -0.25], [0.25, 0.5]], requires_grad=True)
W2 = torch.tensor([[1.0, -1.0], [0.5, 0.25]], requires_grad=True)
h = torch.relu(X @ W1)
z = h @ W2
p = torch.softmax(z, dim=1)
loss = -(t * torch.log(p)).sum(1).mean()
""", ("W1",), options={"assume": {"t": "one_hot"}}),
    Derivation(
        "convolution", "A convolution of signals", "The kernel's gradient is itself a sum of products at every shift.",
        """
x = torch.tensor([[[1.0, 2.0, 0.0, -1.0, 3.0]]])
k = torch.tensor([[[0.5, 1.0, -0.5]]], requires_grad=True)
y = torch.nn.functional.conv1d(x, k)
loss = (y ** 2).sum()
""", ("k",)),
    Derivation(
        "pooling", "Pooling", "The largest entry of each window alone gets the gradient.",
        """
x = torch.tensor([[[1.0, 3.0, 2.0, 5.0, 0.0, 4.0]]], requires_grad=True)
y = torch.nn.functional.max_pool1d(x, 2)
loss = (y ** 2).sum()
""", ("x",)),
    Derivation(
        "embedding", "An embedding", "Rows that are looked up twice get two contributions.",
        """
E = torch.tensor([[1.0, 0.0], [0.5, -1.0], [2.0, 1.0]], requires_grad=True)
words = torch.tensor([0, 2, 2])
x = E[words]
loss = (x * x).sum()
""", ("E",)),
    Derivation(
        "attention", "Attention", "Scores, a softmax over the keys, a weighted sum of values.",
        """
Q = torch.tensor([[1.0, 0.0], [0.0, 1.0]], requires_grad=True)
K = torch.tensor([[1.0, 1.0], [0.5, -1.0], [0.0, 2.0]], requires_grad=True)
V = torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]], requires_grad=True)
S = Q @ K.T / 2 ** 0.5
P = torch.softmax(S, dim=1)
O = P @ V
""", ("Q", "K", "V"), "O"),
    Derivation(
        "recurrence", "A recurrent network through time", "The same step eight times: told once, then referred to.",
        """
W = torch.tensor([[0.5, -0.5], [0.25, 1.0]], requires_grad=True)
states = [torch.tensor([1.0, -1.0])]
for step in range(8):
    states.append(torch.tanh(W @ states[-1]))
loss = (states[-1] ** 2).sum()
""", ("W",)),
    Derivation(
        "lstm", "A cell of an LSTM", "Gates multiply: the old state's gradient passes through the forget gate.",
        """
x = torch.tensor([1.0, -0.5])
h = torch.tensor([0.5, 0.25])
c = torch.tensor([0.5, -1.0], requires_grad=True)
Wf = torch.tensor([[0.5, -0.25], [0.25, 0.5]], requires_grad=True)
Wi = torch.tensor([[0.25, 0.5], [-0.5, 1.0]])
Wg = torch.tensor([[1.0, 0.5], [0.5, -0.5]])
Wo = torch.tensor([[0.5, 0.5], [0.25, -0.25]])
f = torch.sigmoid(Wf @ x + h)
i = torch.sigmoid(Wi @ x + h)
g = torch.tanh(Wg @ x + h)
o = torch.sigmoid(Wo @ x + h)
c_new = f * c + i * g
h_new = o * torch.tanh(c_new)
loss = (h_new * h_new).sum()
""", ("Wf", "c")),
    Derivation(
        "gaussian", "The likelihood of a normal distribution", "Set both gradients to zero: mean and variance.",
        """
x = torch.tensor([1.0, 2.0, 4.0])
mu = torch.tensor(2.0, requires_grad=True)
sigma = torch.tensor(1.5, requires_grad=True)
z = (x - mu) / sigma
loss = (z * z / 2 + torch.log(sigma)).sum()
""", ("mu", "sigma"), options={"dims": {"x": "n"}}),
    Derivation(
        "multivariate-gaussian", "A multivariate normal distribution", "The gradient by the precision matrix.",
        """
x = torch.tensor([1.0, -0.5])
P = torch.tensor([[2.0, 0.5], [0.5, 1.0]], requires_grad=True)
loss = (x @ P @ x - torch.logdet(P)) / 2
""", ("P",)),
    Derivation(
        "poisson", "Poisson regression", "Counts, whose logarithm of the rate is linear.",
        """
X = torch.tensor([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0]])
y = torch.tensor([2.0, 0.0, 5.0])
w = torch.tensor([0.25, 0.5], requires_grad=True)
eta = X @ w
loss = (torch.exp(eta) - y * eta).sum()
""", ("w",)),
    Derivation(
        "log-determinant", "The logarithm of a determinant", "Its gradient is the transposed inverse.",
        """
X = torch.tensor([[2.0, 1.0], [0.5, 3.0]], requires_grad=True)
f = torch.logdet(X)
""", ("X",), "f"),
    Derivation(
        "inverse", "Through the inverse of a matrix", "Between two vectors: an outer product of two solutions.",
        """
A = torch.tensor([[2.0, 1.0], [0.5, 3.0]], requires_grad=True)
a = torch.tensor([1.0, -1.0])
b = torch.tensor([0.5, 2.0])
f = a @ (torch.linalg.inv(A) @ b)
""", ("A",), "f"),
    Derivation(
        "pca", "Principal components by gradient", "The variance along a direction of length one.",
        """
X = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [2.0, -1.0]])
w = torch.tensor([1.0, -0.5], requires_grad=True)
s = X @ w
f = (s @ s) / (w @ w)
""", ("w",), "f", options={"dims": {"X": "n d", "w": "d"}}),
    Derivation(
        "matrix-factors", "Factors of a matrix", "Two thin matrices whose product approaches a third.",
        """
M = torch.tensor([[1.0, 0.5, -1.0], [2.0, 1.0, 0.0]])
U = torch.tensor([[1.0], [0.5]], requires_grad=True)
V = torch.tensor([[0.5], [1.0], [-1.0]], requires_grad=True)
R = U @ V.T - M
loss = (R * R).sum() / 2
""", ("U", "V")),
    *NETWORKS,
]  # fmt: skip
