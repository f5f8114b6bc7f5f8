"""Will the meeting work: bridges, meetings, points and their readiness.

Refuses: measuring paths itself (monitors) and owning rooms (inventory).
"""
