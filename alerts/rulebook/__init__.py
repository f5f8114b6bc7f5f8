"""Rules that Prometheus evaluates: ours and users', checked before they load, listed by topic."""
