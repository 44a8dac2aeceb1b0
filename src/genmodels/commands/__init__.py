"""One file a command, named as the command: options, one call of the library, the result shown."""
