"""The page of a run: one HTML file in which its own networks run. Knows no family."""
