"""The page Help: the documents of ``docs/``, readable in the app, without a network."""
