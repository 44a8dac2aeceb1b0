"""The kit that commands are made of: options, parsing, output, tables, progress."""
