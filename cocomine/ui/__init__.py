"""What the pages share: session state, cached calls, and pieces of page."""
