"""What is refused, and what works in place: PyTorch's result or error, character by character."""

import pytest
from said import lines, shown

import engine

REFUSED = """
torch.tensor([True])-torch.tensor([True])
-torch.tensor([True])
torch.ones(2)&torch.ones(2)
torch.ones(2).double()|1
torch.ones(2)<<1
torch.tensor([1, 2])<<1
1<<torch.tensor([1, 2])
torch.tensor([8, 2])>>1
torch.tensor([True, False])^True
~torch.ones(2)
~torch.tensor([1, -1])
torch.dot(torch.ones(2), 2)
torch.outer(torch.ones(2), 2)
torch.kron(torch.ones(2), 2)
torch.isclose(torch.ones(2), 2)
torch.allclose(torch.ones(2), 2)
torch.equal(torch.ones(2), 2)
torch.mm(torch.ones(2, 2), 2)
torch.mv(torch.ones(2, 2), 2)
torch.bmm(torch.ones(2, 2, 2), 2)
torch.matmul(torch.ones(2), 2)
torch.cross(torch.ones(3), 2)
torch.cat(torch.ones(2))
torch.cat([1, 2])
torch.cat([])
torch.stack([])
torch.stack([torch.ones(2), torch.ones(3)])
torch.cat([torch.ones(2, 2), torch.ones(3, 3)])
torch.cat([torch.ones(2), torch.ones(2, 2)])
torch.ones(2, 3).view(5)
torch.ones(2, 3).view(-1, 4)
torch.ones(2, 3).view(-1, -1)
torch.ones(2, 3).reshape(7)
torch.ones(2, 3).sum(2)
torch.ones(2, 3).sum((0, 0))
torch.ones(2, 3).sum(-3)
torch.ones(2, 3).softmax(5)
torch.ones(2, 3).max(3)
torch.ones(2, 3)[2]
torch.ones(2, 3)[0, 5]
torch.ones(2, 3)[0, 0, 0]
torch.ones(2, 3)[torch.tensor([5])]
torch.ones(2, 3)[1.5]
torch.ones(2, 3)[torch.tensor([True, False, True])]
torch.ones(2, 3)[::-1]
torch.ones(2, 3).permute(0)
torch.ones(2, 3).permute(0, 0)
torch.ones(2, 3).transpose(0, 2)
torch.ones(2, 3).unsqueeze(5)
torch.ones(2, 3).expand(3, 3)
torch.ones(2, 3).repeat(2)
torch.ones(2, 3).squeeze(3)
torch.ones(2, 3).chunk(0)
torch.ones(2, 3).split(0)
torch.ones(2, 3).split([1, 2])
torch.ones(2, 3).gather(0, torch.tensor([[5]]))
torch.ones(2, 3).gather(0, torch.tensor([5]))
torch.ones(2, 3).index_select(0, torch.tensor([5]))
torch.ones(2, 3).scatter(0, torch.tensor([[5]]), 1.)
torch.ones(2, 3).masked_fill(torch.ones(2, 3), 0)
torch.ones(2, 3).topk(5)
torch.ones(2, 3).diag(7)
torch.ones(2, 2, 2).t()
torch.ones(2, 2, 2).diag()
torch.linalg.inv(torch.ones(2, 3))
torch.linalg.inv(torch.ones(2))
torch.linalg.solve(torch.eye(2), torch.ones(3))
torch.linalg.det(torch.ones(2, 3))
torch.linalg.eigh(torch.ones(2, 3))
torch.linalg.svd(torch.ones(2))
torch.linalg.qr(torch.ones(2))
torch.linalg.norm(torch.ones(2, 2), 'foo')
torch.linalg.matrix_power(torch.ones(2, 3), 2)
torch.linalg.inv(torch.eye(2).long())
torch.einsum('ij, jk', torch.ones(2, 3), torch.ones(2, 3))
torch.einsum('ij->ik', torch.ones(2, 3))
torch.einsum('i', torch.ones(2, 3))
torch.einsum('ij, jk->i', torch.ones(2, 3))
functional.linear(torch.ones(2, 3), torch.ones(4, 2))
functional.conv2d(torch.ones(1, 2, 3, 3), torch.ones(1, 1, 2, 2))
functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 5, 5))
functional.conv2d(torch.ones(3, 3), torch.ones(1, 1, 2, 2))
functional.max_pool2d(torch.ones(1, 1, 2, 2), 3)
functional.cross_entropy(torch.ones(2, 3), torch.tensor([0, 5]))
functional.cross_entropy(torch.ones(2, 3), torch.tensor([0]))
functional.cross_entropy(torch.ones(2, 3), torch.tensor([0., 1.]))
functional.nll_loss(torch.ones(2, 3), torch.tensor([0, 3]))
functional.binary_cross_entropy(torch.tensor([2.]), torch.tensor([1.]))
functional.binary_cross_entropy(torch.tensor([.5]), torch.tensor([1., 0.]))
functional.binary_cross_entropy_with_logits(torch.ones(2), torch.ones(3))
functional.mse_loss(torch.ones(2), torch.ones(3))
functional.embedding(torch.tensor([5]), torch.ones(3, 2))
functional.embedding(torch.tensor([1.]), torch.ones(3, 2))
functional.layer_norm(torch.ones(2, 3), (2, ))
functional.batch_norm(torch.ones(1, 3), None, None, training=True)
functional.one_hot(torch.tensor([3]), 2)
functional.one_hot(torch.tensor([1.]))
functional.softmax(torch.ones(2))
functional.dropout(torch.ones(2), 2.)
functional.pad(torch.ones(2), (1, ))
functional.interpolate(torch.ones(1, 1, 2, 2))
functional.glu(torch.ones(3))
functional.pixel_shuffle(torch.ones(1, 3, 2, 2), 2)
functional.scaled_dot_product_attention(torch.ones(1, 2, 3), torch.ones(1, 2, 4), torch.ones(1, 2, 3))
nn.Linear(2, 3)(torch.ones(2, 3))
nn.Linear(2, 3)(torch.ones(2, 2, dtype=torch.float64))
nn.Linear(2, 3)(torch.ones(2, 2, dtype=torch.int64))
nn.Conv2d(3, 4, 3)(torch.ones(1, 1, 5, 5))
nn.LSTM(2, 3)(torch.ones(2, 3, 4))
nn.Embedding(3, 2)(torch.tensor([7]))
nn.BatchNorm1d(3)(torch.ones(2, 3, 4, 5))
nn.Linear(2, 3).load_state_dict({'weight':torch.ones(3, 3)})
nn.Linear(2, 3).foo
nn.Sequential(nn.Linear(1, 1))[3]
torch.ones(2).foo
torch.optim.SGD([], lr=1)
torch.optim.SGD([torch.ones(2)*2], lr=-1)
torch.optim.SGD(torch.ones(2), lr=1)
torch.where(torch.ones(2), 1, 2)
torch.where(torch.tensor([True]))
torch.clamp(torch.ones(2))
torch.clamp(torch.ones(2), 2, 1)
torch.arange(1, 0)
torch.linspace(0, 1, -1)
torch.eye(-1)
torch.pow(torch.tensor([2]), -1)
torch.tensor([1, 2])**-1
torch.multinomial(torch.tensor([1., -1.]), 1)
torch.randint(5, 2, (3, ))
torch.max(torch.tensor([]))
torch.tensor([]).mean()
torch.tensor([1, 2]).mean()
torch.tensor([True]).cumsum(0)
torch.ones(2, requires_grad=True).numpy()
np.asarray(torch.ones(2, requires_grad=True))
torch.ones(2, requires_grad=True).tolist()
torch.ones(2, 3, requires_grad=True).backward()
torch.ones(1, requires_grad=True).backward()
torch.ones(2).backward()
torch.ones(2, 3).add_(1)
torch.ones(2, 3).mul_(torch.ones(3)*2)
torch.ones(3).add_(torch.ones(2, 3))
torch.ones(3).add_(torch.ones(3), alpha=2)
torch.arange(3).add_(1.5)
torch.ones(3).copy_(torch.arange(3))
torch.ones(3).fill_(7)
torch.ones(3).zero_()
torch.ones(3).clamp_(max=0.5)
torch.ones(2, 2).t_()
torch.ones(2, 3).transpose_(0, 1).shape
torch.ones(2).unsqueeze_(0).shape
torch.ones(1, 2).squeeze_().shape
torch.ones(3).index_fill_(0, torch.tensor([1]), 5.)
torch.ones(3).index_add_(0, torch.tensor([1]), torch.ones(1))
torch.ones(3).index_copy_(0, torch.tensor([1]), torch.zeros(1))
torch.ones(3).scatter_(0, torch.tensor([1]), 5.)
torch.ones(3).scatter_add_(0, torch.tensor([1]), torch.ones(1))
torch.ones(3).masked_fill_(torch.tensor([True, False, True]), 0)
torch.zeros(3, 3).fill_diagonal_(1)
torch.ones(3).exponential_().shape
torch.ones(3).uniform_().shape
torch.ones(3).normal_().shape
torch.ones(3).random_(3).shape
torch.ones(3).bernoulli_(0.5).shape
torch.ones(3).relu_()
torch.ones(3).sqrt_()
torch.ones(3).sigmoid_()
torch.ones(3).addcmul_(torch.ones(3), torch.ones(3), value=2)
torch.ones(3).lerp_(torch.zeros(3), .5)
torch.ones(3, 3).tril_()
torch.ones(3, 3).addmm_(torch.ones(3, 3), torch.ones(3, 3))
torch.ones(3).detach_()
torch.ones(3).requires_grad_()
torch.ones(3).neg_()
torch.ones(3).masked_scatter_(torch.tensor([True, False, True]), torch.arange(2.))
torch.ones(3).cumsum_(0)
torch.ones(3).floor_divide_(2)
torch.ones(3).__iadd__(1)
torch.tensor([1, 2]).bitwise_and_(3)
torch.tensor([1, 2]).logical_not_()
torch.tensor([True]).logical_and_(torch.tensor([False]))
torch.tensor([1, 2]).eq_(1)
torch.ones(3).div_(2, rounding_mode='floor')
torch.ones(3).clamp_min_(2)
torch.ones(3).erfinv_()
torch.ones(3).nan_to_num_()
torch.ones(3).index_put_((torch.tensor([0]), ), torch.tensor(4.))
"""


@pytest.mark.parametrize("line", lines(REFUSED))
def test_says_what_pytorch_says(line):
    torch = pytest.importorskip("torch")
    assert shown(engine, line) == shown(torch, line)


HOOKED = """
x = torch.ones(2, requires_grad=True)
y = x * 3
seen = []
first = x.register_hook(lambda g: g * 2)
second = y.register_hook(lambda g: seen.append(g.clone()))
third = y.register_hook(lambda g: g + 1)
(y * y).sum().backward(retain_graph=True)
told = [x.grad.clone()]
first.remove()
x.grad = None
torch.optim.SGD([x], lr=1.0).step()
(x * 3).sum().backward()
told += [x.grad.clone(), torch.autograd.grad((y ** 3).sum(), x, create_graph=True)[0], *seen]
fourth = x.register_hook(lambda g: -g)
torch.optim.SGD([x], lr=1.0).step()
x.grad = None
(x * 3).sum().backward()
told += [x.grad]
"""


def test_hooks_change_gradients_as_in_pytorch():
    torch = pytest.importorskip("torch")
    told = []
    for library in (engine, torch):
        scope = {"torch": library}
        exec(HOOKED, scope)
        told.append([x.tolist() for x in scope["told"]])
    assert told[0] == told[1]
