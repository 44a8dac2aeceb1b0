"""The networks; they know neither data nor training."""
