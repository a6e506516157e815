"""Long work in processes of its own, which outlives the page, the browser and the server."""
