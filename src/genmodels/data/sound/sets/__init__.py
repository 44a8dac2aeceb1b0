"""Sets of spoken words: known ones, folders, lists; read once, kept in the cache."""
