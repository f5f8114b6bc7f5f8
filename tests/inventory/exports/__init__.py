"""Tests of the inventory in the words of other tools."""
