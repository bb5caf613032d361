"""One module per log format; each turns one parsed record into canonical rows or says why it cannot."""
