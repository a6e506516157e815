"""The FiftyOne App in a process of its own."""
