"""Drivers that change devices, each saying which way back it can prove."""
