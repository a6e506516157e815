"""What every program needs: files that appear whole, jobs, processes, and the names of files."""
