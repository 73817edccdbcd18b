"""The service over HTTP: categories for descriptions, checks of files, and how it is doing."""
