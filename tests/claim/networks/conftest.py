"""The small trained run."""

from small_run import config, narrow_network, uninterrupted

__all__ = ["config", "narrow_network", "uninterrupted"]
