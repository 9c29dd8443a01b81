"""Random input that nobody means well, and what must hold of it. `python tests/fuzz --count 10000 --seed 1`."""
