"""The sections of the Check page."""
