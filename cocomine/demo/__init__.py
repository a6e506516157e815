"""A dataset that CocoMine draws by itself, for where there is no network."""
