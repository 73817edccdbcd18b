"""What a text is: cleaned, cut into words, measured in numbers, and which words may be shown."""
