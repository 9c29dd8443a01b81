"""Declarations of operations, a family a file. Imported by engine and by the readers."""
