"""Programs as people write them: max tricks, masks, reshapes, statistics by hand."""

from gradients.row import Row

MURPHY = "Murphy, Probabilistic Machine Learning: An Introduction"
GPML = "Rasmussen & Williams, Gaussian Processes for Machine Learning"
VASWANI = "Vaswani et al., Attention is all you need, 2017"
MASKED = ("m = torch.triu(torch.ones(4, 4), 1).bool()\nS = (Q @ K.T / 3 ** 0.5).masked_fill(m, float('-inf'))\n"
          "P = torch.softmax(S, dim=-1)\nO = P @ V")  # fmt: skip
BATCH = ("mu = x.mean(0)\nvar = ((x - mu) ** 2).mean(0)\nxh = (x - mu) / torch.sqrt(var + 1e-5)\n"
         "y = gamma * xh + beta")  # fmt: skip
MIXTURE = ("D = ((X[:, None, :] - mu[None, :, :]) ** 2).sum(2)\na = w.log() - D / (2 * s ** 2) - d * s.log()\n"
           "r = torch.softmax(a, dim=1)\nL = torch.logsumexp(a, dim=1).sum()")  # fmt: skip
DICE = "p = torch.sigmoid(z)\nu = (p + y).sum()\nloss = 1 - 2 * (p * y).sum() / u"
FOCAL = "p = torch.sigmoid(z)\nq = y * p + (1 - y) * (1 - p)\nloss = -((1 - q) ** 2 * q.log()).mean()"

ROWS = [
    Row("log-sum-exp with the largest taken out", "x* n", "m = x.max()\nL = torch.log(torch.exp(x - m).sum()) + m", "x",
        "softmax(x)", f"{MURPHY}, 2.5.4"),
    Row("log-sum-exp with the largest held fixed", "x* n",
        "m = x.max().detach()\nL = torch.log(torch.exp(x - m).sum()) + m", "x", "softmax(x)", f"{MURPHY}, 2.5.4"),
    Row("cross-entropy with the largest taken out", "z* n c, t n c one_hot!",
        "s = z - z.max(1, keepdim=True).values\nl = s - torch.log(torch.exp(s).sum(1, keepdim=True))\n"
        "loss = -(t * l).sum(1).mean()", "z", "(softmax(z) - t) / n", f"{MURPHY}, 10.3"),
    Row("smoothed labels by hand", "z* n 3, t n 3 one_hot!",
        "q = 0.9 * t + 0.1 / 3\nloss = -(q * torch.log_softmax(z, dim=1)).sum(1).mean()", "z",
        "(softmax(z) - 9 * t / 10 - 1 / 30) / n", "Szegedy et al., Rethinking the inception architecture, 2016"),
    Row("soft overlap of masks", "z* n, y n binary", DICE, "z", "(2 / u) * p * (1 - p) * ((p @ y) / u - y)",
        "Milletari, Navab & Ahmadi, V-Net, 2016"),
    Row("pairwise differences", "x* n, y m", "r = x[:, None] - y[None, :]\nL = 0.5 * (r * r).sum()", "x",
        "drop(sum(x[:, None] - y, 1), 1)", f"{MURPHY}, 16.2"),
    Row("radial basis functions", "x* n, c m",
        "r = x[:, None] - c\nk = torch.exp(-r * r / 2)\nL = k.sum()", "x", "-drop(sum(r * k, 1), 1)",
        f"{MURPHY}, 17.1"),
    Row("batch normalisation with the variance named", "x* n d, gamma d, beta d", BATCH, "x",
        "gamma * (G - xh * mean(G * xh, 0) - mean(G, 0)) / sqrt(var + 1e-5)", "Ioffe & Szegedy, 2015"),
    Row("masked attention in its queries", "Q* 4 3, K* 4 3, V* 4 k", MASKED, "Q",
        "dP = G @ V.T\n(1 / sqrt(3)) * ((P * (dP - sum(P * dP, 1))) @ K)", VASWANI),
    Row("masked attention in its keys", "Q* 4 3, K* 4 3, V* 4 k", MASKED, "K",
        "dP = G @ V.T\n(1 / sqrt(3)) * ((P * (dP - sum(P * dP, 1))).T @ Q)", VASWANI),
    Row("contrastive loss by the diagonal", "S* n n", "loss = -torch.log_softmax(S, dim=1).diagonal().mean()", "S",
        "(softmax(S) - eye(S)) / n", "van den Oord, Li & Vinyals, Contrastive predictive coding, 2018"),
    Row("orthogonality penalty", "A* n n", "E = A.T @ A - torch.eye(len(A), dtype=torch.float64)\nL = (E * E).sum()",
        "A", "4 * (A @ E)", "Bansal, Chen & Wang, Can we gain more from orthogonality regularizations, 2018"),
    Row("decorrelating penalty", "x* n d",
        "xc = x - x.mean(0)\nC = xc.T @ xc\nL = 0.25 * ((C ** 2).sum() - (C.diagonal() ** 2).sum())", "x",
        "xc @ (C - eye(C) * C)",
        "Cogswell et al., Reducing overfitting by decorrelating representations, 2016"),
    Row("centred linear layer", "x* n d, W d h",
        "xc = x - x.mean(0)\nr = xc @ W\nL = 0.5 * (r * r).sum()", "x", "xc @ W @ W.T", f"{MURPHY}, 20.1"),
    Row("Huber's loss by hand", "p* n, y n",
        "e = p - y\nL = torch.where(e.abs() < 1, 0.5 * e ** 2, e.abs() - 0.5).sum()", "p",
        "e * (size(e) < 1) + sign(e) * (size(e) >= 1)", "Huber, Robust estimation of a location parameter, 1964"),
    Row("leaky rectifier by a mask", "x* n", "m = x > 0\ny = torch.where(m, x, 0.1 * x)\nL = y.sum()", "x",
        "(x > 0) + (x <= 0) / 10", "Maas, Hannun & Ng, Rectifier nonlinearities, 2013"),
    Row("Gaussian process in its kernel matrix", "y n, K* n n spd",
        "L = -0.5 * y @ torch.linalg.solve(K, y) - 0.5 * torch.logdet(K)", "K",
        "(outer(solve(K.T, y, vector=True), solve(K, y, vector=True)) - inv(K).T) / 2", f"{GPML}, 5.9"),
    Row("factors of a matrix with gaps", "R n m, M n m mask, U* n k, V* m k, lam positive",
        "L = 0.5 * (M * (R - U @ V.T) ** 2).sum() + 0.5 * lam * (U ** 2).sum()", "U",
        "lam * U - (M * (R - U @ V.T)) @ V", "Koren, Bell & Volinsky, Matrix factorization techniques, 2009"),
    Row("elastic net", "X n d, w* d, y n, a positive, b positive",
        "L = 0.5 * ((X @ w - y) ** 2).sum() + a * w.abs().sum() + 0.5 * b * (w * w).sum()", "w",
        "X.T @ (X @ w - y) + a * sign(w) + b * w", "Zou & Hastie, Regularization and variable selection, 2005"),
    Row("soft margin", "X n d, w* d, y n sign, lam positive",
        "L = torch.clamp(1 - y * (X @ w), min=0).mean() + 0.5 * lam * (w @ w)", "w",
        "lam * w - (X.T @ (y * (1 - y * (X @ w) >= 0))) / n", f"{MURPHY}, 17.3"),
    Row("correlation", "p* n, q* n",
        "a = p - p.mean()\nb = q - q.mean()\nr = (a * b).sum() / torch.sqrt((a * a).sum() * (b * b).sum())", "p",
        "s = sqrt((a @ a) * (b @ b)); (b - ((a @ b) / (a @ a)) * a) / s", f"{MURPHY}, 3.1"),
]  # fmt: skip
