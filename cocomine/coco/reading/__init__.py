"""From a file on disk to the columns of a dataset."""
