"""Which classes come together more or less than chance would bring them, and share their pixels."""
