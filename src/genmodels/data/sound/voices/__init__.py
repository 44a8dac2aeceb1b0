"""The built-in set: words of synthesised voices."""
