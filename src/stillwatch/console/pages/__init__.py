"""The pages: one file each, a function from a visit to what is shown."""
