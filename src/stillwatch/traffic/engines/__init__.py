"""Where tables are read, kernels run and expressions are evaluated: one file per engine."""
