"""Reorganisation: units merged, split, moved and renamed as of a date, planned whole and approved.

What becomes of every site, service and person is one value, shown and hashed before anything is
written. Units are never deleted: a dissolved one keeps its row, so that the past can be asked.

Refuses: applying what nobody approved; guessing who takes what a split leaves unnamed.
"""
