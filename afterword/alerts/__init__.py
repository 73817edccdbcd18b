"""What a rule, an alert and a channel are."""
