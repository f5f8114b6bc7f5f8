"""Where reality differs from intent: each difference waits for a person's decision.

The public face is `inventory.inbox.service`. Refuses: changing a device, deciding by itself.
"""
