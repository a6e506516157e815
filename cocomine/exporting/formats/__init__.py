"""One module for each kind of file in an export."""
