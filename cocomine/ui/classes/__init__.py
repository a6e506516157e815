"""One class in detail, on Understand and in its dialog."""
