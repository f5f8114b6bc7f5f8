"""Probes against servers of each protocol, good and hostile."""
