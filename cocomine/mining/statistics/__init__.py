"""How much of each class there is, and how it appears in its images."""
