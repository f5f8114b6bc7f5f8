"""What devices say unasked: traps and log lines, normalised into hints that make us measure."""
