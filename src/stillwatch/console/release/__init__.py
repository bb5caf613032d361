"""What leaves from the console: proposed by one person, approved by another where configured, sent on to the hub."""
