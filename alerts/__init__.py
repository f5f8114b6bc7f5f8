"""What is wrong, why, and who was told: correlation, incidents, maintenance, routing.

Refuses: polling devices; it works from transitions and from Prometheus' alerts.
"""
