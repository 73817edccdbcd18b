"""The pages as a visitor sees them: what they draw, what they say, and what a session keeps."""
