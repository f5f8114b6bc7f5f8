"""Tests of discovery and of what it recognises."""
