"""Tests of the switch simulators, driven by unmodified vendor clients."""
