"""Who is told: Alertmanager's configuration, its check, gateways, and how delivery fares."""
