"""What kllint says of released RL packages, finding by finding, as somebody has read and judged it."""
