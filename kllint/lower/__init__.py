"""From LibCST trees to programs."""
