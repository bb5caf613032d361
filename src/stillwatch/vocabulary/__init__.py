"""The words of the trade that are data: the versioned taxonomy of distillation techniques."""
