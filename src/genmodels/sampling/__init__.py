"""Drawing from trained models."""
