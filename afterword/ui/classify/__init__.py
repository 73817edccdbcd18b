"""The page "Classify"."""
