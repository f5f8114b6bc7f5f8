"""Other tools' inventories as rows of ours: read, judged by their form, then planned as a file is.

Refuses to write, and to guess: what it cannot translate is a problem that names its place there.
"""
