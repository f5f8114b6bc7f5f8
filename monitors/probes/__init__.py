"""Probes of services: one file a probe, one line in the registry.

A probe says how a service answered and raises when it did not; timing, counting and the
classification of failures are done once, around all of them, in `running`.
"""
