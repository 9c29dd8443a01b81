"""Formulas through KaTeX, where Node and KaTeX are: `npm install katex`, and NODE_PATH=<folder>/node_modules."""

import json
import re
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("katex.js")
MATHS = re.compile(r"^\$\$\n(.*?)\n\$\$$|\$(?!\$)((?:\\.|[^$\\])+)\$", re.DOTALL | re.MULTILINE)


def missing():
    """What isn't installed, as a sentence; empty if all is there."""
    if shutil.which("node") is None:
        return "node isn't installed"
    found = subprocess.run(["node", "-e", "require('katex')"], capture_output=True, check=False)
    return "" if found.returncode == 0 else "KaTeX isn't found: npm install katex, and set NODE_PATH to node_modules"


def formulas_of(markdown, where=""):
    """[where, formula, whether displayed] for each formula of a Markdown page."""
    fenced = re.sub(r"^```.*?^```$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return [[where, found[1] or found[2], found[1] is not None] for found in MATHS.finditer(fenced)]


def refused(formulas):
    """[where, formula, reason] of those that KaTeX refuses."""
    text = json.dumps({"formulas": formulas})
    ran = subprocess.run(["node", str(SCRIPT)], input=text, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)
