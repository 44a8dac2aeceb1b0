"""Texts: files, encodings, vocabularies, streams."""
