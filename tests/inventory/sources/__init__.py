"""Tests of other tools as sources."""
