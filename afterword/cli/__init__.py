"""The command line: the same words as the API and the pages."""
