"""The app's server: who may talk to it, and how it starts."""
