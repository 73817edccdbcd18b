"""What a check compares, by which distance, and how far chance alone takes it."""
