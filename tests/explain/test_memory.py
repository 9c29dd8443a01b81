"""What a certificate remembers of large arrays is bounded, and the explanation doesn't depend on it."""

import numpy as np

import engine as torch
from explain import explain, points


def explained():
    random = np.random.default_rng(0)
    x = torch.tensor(random.standard_normal((8, 6)))
    weights = [torch.tensor(random.standard_normal((6, 6)), requires_grad=True) for _ in range(6)]
    h = x
    for w in weights:
        h = torch.tanh(h @ w)
    loss = (h * h).mean()
    page = explain(loss, names={f"W{at}": w for at, w in enumerate(weights)} | {"x": x})
    return str(page), [(one.certificate.points, one.certificate.equations) for one in page.values()]


def test_values_of_parts_are_forgotten_beyond_some_room(monkeypatch):
    remembered = []
    value = points.Point.value

    def watched(point, *given):
        found = value(point, *given)
        remembered.append(points._bytes(point.memo.values()))
        return found

    monkeypatch.setattr(points.Point, "value", watched)
    want = explained()
    most = max(remembered)
    remembered.clear()
    monkeypatch.setattr(points, "LARGE", 0)
    monkeypatch.setattr(points, "ROOM", most // 10)
    assert explained() == want
    assert 0 < max(remembered) <= most // 10
