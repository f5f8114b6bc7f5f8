"""Reads what carriers and power companies write: which places, from when until when.

Nothing is decided here: a person sees what was understood and from which words, and confirms it.
"""
