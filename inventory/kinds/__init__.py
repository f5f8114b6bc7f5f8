"""What kinds of element there are: for each one its row in a file and where its fields are kept.

A new kind is a table in `inventory.models`, a row and a `Kind` in its family's module here, and its
word in `inventory.choices`; snapshot, import, export, lists and checks follow from these.
"""
