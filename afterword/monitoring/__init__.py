"""What happened over time: recorded, counted by windows, charted, and alerted on."""
