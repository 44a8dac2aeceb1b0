"""Metrics and arrays in, matplotlib figures out; never imports torch, never pyplot."""

from genmodels.drawing import load_matplotlib

load_matplotlib()
