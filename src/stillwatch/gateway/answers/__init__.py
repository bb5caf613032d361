"""What a grade changes in requests and answers, and with whose leave."""
