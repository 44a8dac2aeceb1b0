"""Data as arrays of ids or pixels; knows no models."""
