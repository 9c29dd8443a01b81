"""The gallery's programs that are networks in modules. Imported by gallery.programs."""

from gallery.derivation import Derivation

NETWORKS = [
    Derivation(
        "network", "A convolutional network", "Written in modules, whose results go by the modules' names.",
        """
torch.manual_seed(0)
nn, F = torch.nn, torch.nn.functional

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.fc = nn.Linear(8 * 2 * 2, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        return self.fc(torch.flatten(x, 1))

net = Net()
images, labels = torch.randn(6, 1, 10, 10), torch.randint(0, 3, (6,))
scores = net(images)
loss = F.cross_entropy(scores, labels)
""", ("net.conv1.weight",)),
    Derivation(
        "transformer", "A block of a transformer",
        "By the weights that make the queries, through the softmax of the scores.",
        """
torch.manual_seed(0)
nn = torch.nn

class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(d, d, bias=False) for _ in range(4))

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        return self.out(torch.softmax(q @ k.T / x.shape[-1] ** 0.5, dim=-1) @ v)

class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attention = Attention(d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(torch.relu(self.up(self.norm2(x))))

block = Block(4)
tokens = torch.randn(5, 4)
loss = block(tokens).square().mean()
""", ("block.attention.q.weight",)),
]  # fmt: skip
