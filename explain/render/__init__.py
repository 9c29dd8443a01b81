"""Renderers: a file a format, each one pass over the steps of an explanation."""
