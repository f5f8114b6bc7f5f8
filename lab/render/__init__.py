"""Turn the drawing into the files and commands of each node; pure functions of the drawing."""
