"""Reorganisations: planned, approved, applied; and the past."""
