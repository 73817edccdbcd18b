"""The check: whether a batch moved away from the reference, in what, and what that means."""
