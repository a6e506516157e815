"""The gallery of images with their objects, on every page that shows some."""
