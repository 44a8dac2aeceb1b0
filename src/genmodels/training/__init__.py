"""The one training loop and the task of each family."""
