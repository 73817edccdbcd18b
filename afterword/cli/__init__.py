"""The command line: each command asks the package and prints what it found."""
