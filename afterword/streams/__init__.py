"""Named feeds followed over time: recorded or added, and added up by days and periods."""
