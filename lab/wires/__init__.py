"""Carriers' circuits in user space: a process delays, loses, paces and counts frames.

This kernel may lack netem; a wire works wherever TAP does. One process owns all wires.
"""
