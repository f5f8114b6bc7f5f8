"""The shapes of answers and requests, one file a subject; what is not here does not leave."""
