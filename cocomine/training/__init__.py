"""Training a segmentation network on an export, in a process of its own.

The server imports `runs` only; the other modules bring torch, which it never loads.
"""
