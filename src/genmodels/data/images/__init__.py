"""Image sets: files, the cache, batches, strips."""
