"""What one browser session remembers, computes once and has under way."""
