"""What a process tells those who watch it: spans and figures. Neither holds anybody's data."""
