"""Images, outlines and thumbnails as a person sees them."""
