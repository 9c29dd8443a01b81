"""The layout: which way imports point, what the tree holds, how long a file is."""

import ast
import os
import shutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("engine", "explain")
TOP_LEVEL = {
    "explain", "engine", "tests", "docs", ".ci",
    "setup.cfg", "pyproject.toml", "README.md", "LICENSE", ".gitignore",
}  # fmt: skip
LINES = 420  # "about 400"


def sources(root):
    """Dotted name -> file, of every module under root's two packages."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name, path, known, lazy):
    """The known modules that a module imports; with `lazy`, those imported inside its functions too."""
    package = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
    found = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8")), lazy):
        if isinstance(node, ast.Import):
            found |= {nearest(alias.name, known) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {nearest(f"{module}.{alias.name}".strip("."), known) for alias in node.names}
    return found - {None}


def statements(node, lazy):
    """A syntax tree's nodes; without `lazy`, those that run on import."""
    for child in ast.iter_child_nodes(node):
        if lazy or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
            yield from statements(child, lazy)


def nearest(dotted, known):
    """The known module that a dotted name is or lies in: engine.op.Op -> engine.op."""
    while dotted and dotted not in known:
        dotted = dotted.rpartition(".")[0]
    return dotted or None


def upward(modules):
    """Pairs (module of engine, module of explain that it imports): there must be none."""
    return [
        (name, target)
        for name, path in modules.items()
        if name.split(".")[0] == "engine"
        for target in sorted(imports(name, path, modules, lazy=True))
        if target.split(".")[0] == "explain"
    ]


def cycle(modules):
    """A cycle among the imports that run on import, as a list of modules, or None."""
    graph = {name: imports(name, path, modules, lazy=False) - {name} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def loaded(program):
    """The top-level names in sys.modules after a program ran in a fresh interpreter."""
    show = "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", program + show],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.splitlines()[-1].split())


def tracked():
    """The files that git tracks."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_both_packages_are_found():
    assert {"engine", "engine.op", "explain"} <= set(sources(ROOT))


def test_every_package_has_an_init():
    """Without one, setuptools leaves the folder out of what it installs."""
    folders = {path.parent for path in sources(ROOT).values()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_engine_never_imports_explain():
    assert upward(sources(ROOT)) == []


def test_imports_have_no_cycle():
    assert cycle(sources(ROOT)) is None


BACKWARD = """
import engine as torch
a = torch.ones(2, 2, requires_grad=True)
((a + 5) * 2).mean().backward()
"""


@pytest.mark.parametrize("program", ["import engine", BACKWARD], ids=["import", "backward"])
def test_engine_runs_without_sympy(program):
    assert loaded(program).isdisjoint({"sympy", "explain", "torch"})


def test_no_catch_all_modules():
    files = [path for folder in (*PACKAGES, "tests") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in files if path.name in ("utils.py", "common.py")] == []


@pytest.mark.parametrize("name, path", [pytest.param(*item, id=item[0]) for item in sources(ROOT).items()])
def test_file_can_be_read_in_one_sitting(name, path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES, f"split {name}"


def test_top_level():
    assert {path.parts[0] for path in tracked()} <= TOP_LEVEL


# The checks can fail


def tree(root, **files):
    """Write modules, such as engine__op="import math", and return them as sources does."""
    for name, text in {"engine____init__": "", "explain____init__": "", **files}.items():
        path = root / (name.replace("__", "/", 1) + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sources(root)


@pytest.mark.parametrize(
    "text",
    [
        "import explain",
        "import math, explain.derive as d",
        "from explain import derive",
        "from explain.derive import steps",
        "from ..explain import derive",
        "def late():\n    import explain",
        "class Late:\n    def late(self):\n        from explain.derive import steps",
        "try:\n    import explain\nexcept ImportError:\n    pass",
    ],
)
def test_an_upward_import_is_found(tmp_path, text):
    found = upward(tree(tmp_path, engine__op=text, explain__derive=""))
    assert [name for name, _target in found] == ["engine.op"]


def test_a_downward_import_is_allowed(tmp_path):
    derive = "from engine.op import op\nimport engine"
    modules = tree(tmp_path, engine__op="import explainer", explain__derive=derive)
    assert upward(modules) == []
    assert cycle(modules) is None


@pytest.mark.parametrize(
    "text", ["from engine.op import op", "from . import op", "import engine.op", "from .op import op"]
)
def test_a_cycle_is_found(tmp_path, text):
    modules = tree(tmp_path, engine__op="from engine.tape import Node", engine__tape=text)
    assert set(cycle(modules)) == {"engine.op", "engine.tape"}


def test_a_late_import_makes_no_cycle(tmp_path):
    late = "def late():\n    from engine.op import op"
    assert cycle(tree(tmp_path, engine__op="from engine.tape import Node", engine__tape=late)) is None


def test_a_loaded_module_is_seen():
    assert "sympy" in loaded("import sympy.core")
