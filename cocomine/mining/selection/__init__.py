"""What a person asked for, and what that gives on a dataset."""
