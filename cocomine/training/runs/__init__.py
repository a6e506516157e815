"""A run's folder: its settings, records, state and start. Free of torch: all that the server may import."""
