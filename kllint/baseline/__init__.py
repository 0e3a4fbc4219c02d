"""What was wrong before: findings that a file remembers, and lines that git knows to be old."""
