"""Tests of reading an office's spreadsheets."""
