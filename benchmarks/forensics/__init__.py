"""The laboratory: tiny teachers and students on a CPU, among them the guilty, the innocent and those who hide it."""
