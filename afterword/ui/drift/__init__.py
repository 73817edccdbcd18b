"""The page "Drift"."""
