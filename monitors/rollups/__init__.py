"""Years of measurements as one row a day: averages by hour, 95th percentile, maximum, gaps."""
