"""Every series of a table at once: estimates as of one by one, in blocks that fit the cache."""
