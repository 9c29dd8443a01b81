"""Right and wrong derivatives made mechanically, for the tests of `check`.

derivations  sixty programs, each with its right derivative as NumPy text
mistakes     wrong ones made from the right ones, by the kinds of mistake that people make
rewritings   right ones rewritten into other right ones
hostile      texts that somebody might send to do harm
"""
