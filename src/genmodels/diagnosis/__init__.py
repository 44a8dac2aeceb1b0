"""What the program stands on, told so that it can be pasted: machine, versions, limits, folders, fonts, terminal."""
