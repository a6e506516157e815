"""What an export will hold, before anything is written."""
