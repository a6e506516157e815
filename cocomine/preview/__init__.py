"""Looking at images: our own gallery, and the FiftyOne App in a process of its own."""
