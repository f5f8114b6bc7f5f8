"""Every measurement: polls and probes become samples and state transitions.

Refuses: thresholds and routing (alerts), changing a device (playbooks).
"""
