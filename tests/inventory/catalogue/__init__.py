"""The catalogue of systems."""
