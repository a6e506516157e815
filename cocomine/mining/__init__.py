"""What a dataset says and what can be cut out of it: pure functions, no disk, no clock."""
