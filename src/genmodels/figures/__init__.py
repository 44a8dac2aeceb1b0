"""Metrics and arrays in, matplotlib figures out; never imports torch, never pyplot."""
