"""What descriptions add up to: profiles of files, folders and tables, made in parts."""
