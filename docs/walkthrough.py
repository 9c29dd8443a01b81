"""The tutorial's program: why is a.grad 6? Explain it with `explain docs/walkthrough.py`."""

import engine as torch

a = torch.ones(2, 2, requires_grad=True)
b = a + 5
c = b * b * 2
out = c.mean()
out.backward()
