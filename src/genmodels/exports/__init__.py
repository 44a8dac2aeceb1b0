"""What other programs read of a run: its history, its weights, its network. Knows no family."""
