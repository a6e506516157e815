"""Training a segmentation network on an export, in a process of its own.

Pages import `config`, `runs` and `launching` only; the other modules bring torch, which the server never loads.
"""
