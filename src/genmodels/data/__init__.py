"""Data as arrays of ids, pixels or samples; knows no models."""
