"""What is wrong with a dataset that opens all the same."""
