"""The proofs of what hatang promises, from outside.

Only public doors (the commands, HTTP) and third-party tools; none of our packages is imported. Each
script holds the proof and its sabotage: the same check on a province where something is broken on
purpose must turn red.
"""
