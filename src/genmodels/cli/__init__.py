"""The command line: parse, check, call one library function, show the result."""
