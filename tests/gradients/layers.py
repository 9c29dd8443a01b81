"""Layers of networks: backpropagation's own formulas."""

from gradients.row import Row

CS231N = "CS231n, Backpropagation for neural networks"
NORM = "x* n d, gamma d, beta d"
BY_HAND = (
    "mu = x.mean(1, keepdim=True)\nxc = x - mu\nvar = (xc * xc).mean(1, keepdim=True)\n"
    "sigma = (var + 1e-5).sqrt()\nxh = xc / sigma\ny = gamma * xh + beta"
)
LAYER_NORM = "h = gamma * G\n(1 / sigma) * (h - mean(h, 1) - xh * mean(h * xh, 1))"
BUILT_IN = ("mu = mean(x, 1); sigma = sqrt(mean((x - mu) ** 2, 1) + 1e-5); xh = (x - mu) / sigma; h = gamma * G\n"
            "(1 / sigma) * (h - mean(h, 1) - xh * mean(h * xh, 1))")  # fmt: skip
BATCH = BY_HAND.replace("(1, keepdim=True)", "(0)")
BATCH_NORM = LAYER_NORM.replace(", 1)", ", 0)")
ATTENTION = "Q* n d, K* m d, V* m k"
SOFTMAX = "S = Q @ K.T / d ** 0.5\nE = S.exp()\nP = E / E.sum(1, keepdim=True)\nO = P @ V"
IN_ONE = "P = torch.softmax(Q @ K.T / 3 ** 0.5, dim=1)\nO = P @ V"
SCORES = "dP = G @ V.T\ndS = P * (dP - sum(P * dP, 1))\n"
LAYERNORM = "Ba, Kiros & Hinton, Layer normalization, 2016"
IOFFE = "Ioffe & Szegedy, Batch normalization, 2015"
VASWANI = "Vaswani et al., Attention is all you need, 2017"
MLP = "X* n d, W1* d h, b1* h, W2* h k, b2* k, T n k"
TWO = "a = X @ W1 + b1\nr = torch.tanh(a)\no = r @ W2 + b2\nloss = 0.5 * ((o - T) ** 2).sum()"
DELTA = "D = ((o - T) @ W2.T) * (1 - r ** 2)\n"
LSTM = "x d, h h, c* h, Wi* h d, Ui h h, Wf h d, Uf h h, Wg h d, Ug h h, Wo* h d, Uo h h"
LSTM_CELL = (
    "i = torch.sigmoid(Wi @ x + Ui @ h)\nf = torch.sigmoid(Wf @ x + Uf @ h)\ng = torch.tanh(Wg @ x + Ug @ h)\n"
    "o = torch.sigmoid(Wo @ x + Uo @ h)\nc2 = f * c + i * g\nt = torch.tanh(c2)\nh2 = o * t"
)
HOCHREITER = "Greff et al., LSTM: a search space odyssey, 2017, appendix A"
CHO = "Cho et al., Learning phrase representations using RNN encoder-decoder, 2014"
GRU = "x d, h* h, Wz* h d, Uz h h, Wr h d, Ur h h, Wn h d, Un h h"
GRU_CELL = (
    "z = torch.sigmoid(Wz @ x + Uz @ h)\nr = torch.sigmoid(Wr @ x + Ur @ h)\n"
    "n1 = torch.tanh(Wn @ x + Un @ (r * h))\nh2 = (1 - z) * n1 + z * h"
)

ROWS = [
    Row("linear layer in its input", "X* n d, W d h, b h", "Y = X @ W + b", "X", "G @ W.T", CS231N),
    Row("linear layer in its weights", "X n d, W* d h, b h", "Y = X @ W + b", "W", "X.T @ G", CS231N),
    Row("linear layer in its bias", "X n d, W d h, b* h", "Y = X @ W + b", "b", "drop(sum(G, 0), 0)", CS231N),
    Row("built-in linear layer in its weights", "X n d, W* h d, b h", "Y = F.linear(X, W, b)", "W", "G.T @ X", CS231N),
    Row("two-layer network, second weights", MLP, TWO, "W2", "r.T @ (o - T)", CS231N),
    Row("two-layer network, second bias", MLP, TWO, "b2", "drop(sum(o - T, 0), 0)", CS231N),
    Row("two-layer network, first weights", MLP, TWO, "W1", DELTA + "X.T @ D", CS231N),
    Row("two-layer network, first bias", MLP, TWO, "b1", DELTA + "drop(sum(D, 0), 0)", CS231N),
    Row("two-layer network, input", MLP, TWO, "X", DELTA + "D @ W1.T", CS231N),
    Row("two-layer network with rectifier", MLP, TWO.replace("torch.tanh", "torch.relu"), "W1",
        "D = ((o - T) @ W2.T) * (a > 0)\nX.T @ D", CS231N),
    Row("two-layer network with sigmoid", MLP, TWO.replace("torch.tanh", "torch.sigmoid"), "W1",
        "D = ((o - T) @ W2.T) * (r * (1 - r))\nX.T @ D", CS231N),
    Row("classifying network", "X n d, W1* d h, W2* h c, T n c one_hot!",
        "r = torch.relu(X @ W1)\nZ = r @ W2\nloss = -(T * torch.log_softmax(Z, dim=1)).sum(1).mean()", "W1",
        "D = ((softmax(Z) - T) @ W2.T) * (X @ W1 > 0)\n(1 / n) * (X.T @ D)", CS231N),
    Row("residual block", "x* n h, W h h", "y = x + torch.tanh(x @ W)", "x",
        "G + (G * (1 - tanh(x @ W) ** 2)) @ W.T", "He et al., Deep residual learning, 2016"),
    Row("dropout", "x* n h, m n h mask, p positive", "y = x * m / p", "x", "G * m / p",
        "Srivastava et al., Dropout, 2014"),
    Row("gated linear unit in its gate", "X n d, V d h, W* d h", "g = torch.sigmoid(X @ W)\na = X @ V\ny = a * g", "W",
        "X.T @ (G * a * (g * (1 - g)))", "Dauphin et al., Language modeling with gated convolutional networks, 2017"),
    Row("softmax's pullback", "z* n c", "p = torch.softmax(z, dim=1)", "z", "p * (G - sum(p * G, 1))", CS231N),
    Row("softmax's pullback, by hand", "z* n c", "e = z.exp()\np = e / e.sum(1, keepdim=True)", "z",
        "p * (G - sum(p * G, 1))", CS231N),
    Row("log-softmax's pullback", "z* n c", "y = torch.log_softmax(z, dim=1)", "z",
        "G - softmax(z) * sum(G, 1)", CS231N),
    Row("layer normalisation", NORM, BY_HAND, "x", LAYER_NORM, LAYERNORM),
    Row("layer normalisation, scale", "x* n d, gamma* d, beta d", BY_HAND, "gamma",
        "drop(sum(G * xh, 0), 0)", LAYERNORM),
    Row("layer normalisation, shift", "x* n d, gamma d, beta* d", BY_HAND, "beta", "drop(sum(G, 0), 0)", LAYERNORM),
    Row("built-in layer normalisation", "x* 5 3, gamma 3, beta 3", "y = F.layer_norm(x, (3,), gamma, beta)", "x",
        BUILT_IN, LAYERNORM),
    Row("batch normalisation", NORM, BATCH, "x", BATCH_NORM, IOFFE),
    Row("batch normalisation, scale", "x* n d, gamma* d, beta d", BATCH, "gamma", "drop(sum(G * xh, 0), 0)", IOFFE),
    Row("root mean square normalisation", "x* n d, gamma d",
        "r = ((x * x).mean(1, keepdim=True) + 1e-5).sqrt()\nxh = x / r\ny = gamma * xh", "x",
        "h = gamma * G\n(1 / r) * (h - xh * mean(h * xh, 1))",
        "Zhang & Sennrich, Root mean square layer normalization, 2019"),
    Row("attention in its values", ATTENTION, IN_ONE, "V", "P.T @ G", VASWANI),
    Row("attention in its queries", ATTENTION, IN_ONE, "Q", SCORES + "(1 / sqrt(3)) * (dS @ K)", VASWANI),
    Row("attention in its keys", ATTENTION, IN_ONE, "K", SCORES + "(1 / sqrt(3)) * (dS.T @ Q)", VASWANI),
    Row("attention by hand in its queries", ATTENTION, SOFTMAX.replace("d **", "3 **"), "Q",
        SCORES + "(1 / sqrt(3)) * (dS @ K)", VASWANI),
    Row("attention by hand in its keys", ATTENTION, SOFTMAX.replace("d **", "3 **"), "K",
        SCORES + "(1 / sqrt(3)) * (dS.T @ Q)", VASWANI),
    Row("attention by hand in its values", ATTENTION, SOFTMAX.replace("d **", "3 **"), "V", "P.T @ G", VASWANI),
    Row("recurrent cell in its input weights", "x d, h h, W* h d, U h h, b h", "y = torch.tanh(W @ x + U @ h + b)", "W",
        "outer(G * (1 - y ** 2), x)", "Goodfellow, Bengio & Courville, Deep Learning, 10.2.2"),
    Row("recurrent cell in its state", "x d, h* h, W h d, U h h, b h", "y = torch.tanh(W @ x + U @ h + b)", "h",
        "U.T @ (G * (1 - y ** 2))", "Goodfellow, Bengio & Courville, Deep Learning, 10.2.2"),
    Row("recurrent cell in its bias", "x d, h h, W h d, U h h, b* h", "y = torch.tanh(W @ x + U @ h + b)", "b",
        "G * (1 - y ** 2)", "Goodfellow, Bengio & Courville, Deep Learning, 10.2.2"),
    Row("LSTM cell in its memory", LSTM, LSTM_CELL, "c", "G * o * (1 - t ** 2) * f", HOCHREITER),
    Row("LSTM cell, output gate", LSTM, LSTM_CELL, "Wo", "outer(G * t * (o * (1 - o)), x)", HOCHREITER),
    Row("LSTM cell, input gate", LSTM, LSTM_CELL, "Wi",
        "outer(G * o * (1 - t ** 2) * g * (i * (1 - i)), x)", HOCHREITER),
    Row("GRU cell, update gate", GRU, GRU_CELL, "Wz", "outer(G * (h - n1) * (z * (1 - z)), x)", CHO),
    Row("GRU cell in its state", GRU, GRU_CELL, "h",
        "dn = G * (1 - z) * (1 - n1 ** 2); q = Un.T @ dn\n"
        "G * z + Uz.T @ (G * (h - n1) * (z * (1 - z))) + r * q + Ur.T @ (q * h * (r * (1 - r)))", CHO),
    Row("embedding", "E* 6 d, i 4 labels", "y = F.embedding(i, E)\nloss = (y * y).sum()", "E",
        "indicator(i, dim=1, size=6).T @ (2 * y)",
        "Mikolov et al., Efficient estimation of word representations, 2013"),
    Row("average pooling over all places", "x* n h", "y = x.mean(1)", "x", "G[:, None] / h", CS231N),
    Row("maximum over an axis", "x* 5 4", "y = x.max(dim=1).values\nloss = y.sum()", "x",
        "indicator(argmax(x, dim=1, keepdim=False), dim=1, size=4)", CS231N),
]  # fmt: skip
