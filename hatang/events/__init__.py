"""Events: a durable outbox, delivered at least once to consumers that keep their own place."""
