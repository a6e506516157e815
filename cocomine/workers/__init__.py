"""Work that goes on beside the pages, in processes and jobs of its own."""
