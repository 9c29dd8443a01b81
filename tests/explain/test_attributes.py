"""Tensors that only an object's attributes hold have names all the same: model.w."""

import engine as torch
from explain import explain
from explain.explanation import explanation_of

X, y = torch.ones(5, 3), torch.zeros(5)


class Regression:
    def __init__(self):
        self.w = torch.zeros(3, requires_grad=True)
        self.b = torch.ones((), requires_grad=True)

    def loss(self, X, y):
        return ((X @ self.w + self.b - y) ** 2).mean()


class Layers:
    def __init__(self):
        self.weights = [torch.ones(3, 2, requires_grad=True), torch.ones(2, 1, requires_grad=True)]
        self.shifts = {"first": torch.zeros(2, requires_grad=True)}

    def __call__(self, x):
        return torch.tanh(x @ self.weights[0] + self.shifts["first"]) @ self.weights[1]


class Trainer:
    def __init__(self):
        nn = torch.nn
        self.net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))

    def step(self):
        scores = self.net(X)
        loss = (scores**2).mean()
        return explain(loss, wrt=self.net[0].weight)


class Secretive:
    """An object that objects to being looked at."""

    def __init__(self):
        self.w = torch.ones(3, requires_grad=True)

    def __getattribute__(self, name):
        if name != "w":
            raise RuntimeError("working outside of a request")
        return object.__getattribute__(self, name)


def test_attributes_have_names():
    model = Regression()
    out = model.loss(X, y)
    page = explain(out, wrt=model.w)
    assert page.name == "model.w"
    assert str(page).startswith("∂out/∂model.w = (2/5) Xᵀ (X model.w + model.b − y)")
    assert explain(out, wrt="model.b").name == "model.b"


def test_so_have_lists_and_dicts_in_attributes():
    model = Layers()
    out = model(X).sum()
    assert set(explain(out)) == {"model.weights[0]", "model.weights[1]", "model.shifts['first']"}


def test_modules_in_attributes_and_their_layers():
    page = Trainer().step()
    assert page.name == "self.net.0.weight"
    assert [name for name, _ in page.where] == ["net_0", "net_2"]


def test_a_variable_goes_before_an_attribute():
    model = Regression()
    w, b = model.w, model.b
    out = model.loss(X, y)
    assert explain(out, wrt=w).name == "w" and explain(out, wrt=b).name == "b"


def test_no_code_of_an_object_runs():
    other, model = Secretive(), Regression()
    out = (other.w * model.w).sum()
    assert explain(out, wrt=model.w).name == "model.w"
    assert explain(out, wrt=other.w).name == "other.w"


def test_a_file_or_notebook_gives_its_variables_alone():
    model = Regression()
    out = model.loss(X, y)
    assert explanation_of(out, "model.w", None, {"out": out, "model": model}).name == "model.w"


class Odd:
    """An object with a method of a module's name."""

    def named_parameters(self):
        return [("w", [1.0])]

    def named_modules(self):
        return []


def test_modules_of_others_are_passed_over():
    odd, w = Odd(), torch.ones(3, requires_grad=True)
    out = (w * w).sum()
    assert explain(out).name == "w" and odd.named_modules() == []
