"""The hatang command, the processes, and the only composition root (wiring).

Refuses: logic of its own; every command calls one service function.
"""
