"""The page "Monitoring"."""
