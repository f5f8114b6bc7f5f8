"""Kinds of receivers, one file each: what they need to know, and what Alertmanager does for them.

They send nothing themselves: Alertmanager delivers, retries and counts.
"""
