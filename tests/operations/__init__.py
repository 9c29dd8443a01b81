"""docs/operations.md: every operation of the registry, as it is declared. `python tests/operations` writes it."""
