"""An office's spreadsheet as the inventory's rows: read, understood, repaired, and all of it told.

Vietnamese words are data (`headers.yaml`). Nothing is evaluated, and nothing is guessed silently:
what was repaired or left out is part of the result.
"""
