"""The classifier in service: loaded, deciding, explaining, and turning a batch into numbers."""
