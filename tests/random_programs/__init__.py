"""Random tensor programs, and what must hold of each. `python tests/random_programs --count 1000 --seed 1`."""
