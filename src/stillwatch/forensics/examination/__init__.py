"""The examination: a frozen plan is carried out, and every result comes with what it means and what it does not."""
