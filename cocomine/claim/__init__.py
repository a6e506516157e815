"""Did training on the isolated classes help? An experiment with arms, seeds and intervals."""
