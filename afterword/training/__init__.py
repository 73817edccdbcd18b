"""What runs once per model: labelled files, the fit, and the tables of chance."""
