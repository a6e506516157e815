"""The COCO format: opening files, what they hold, and what is odd about them."""
