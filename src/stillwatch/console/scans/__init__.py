"""What a scan wrote, held so that a page of it is fast."""
