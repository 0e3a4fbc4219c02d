"""Files of every kind, the cache, and processes that die."""
