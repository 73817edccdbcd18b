"""A file becomes rows: which format, which header, which columns, and which rows can be used."""
