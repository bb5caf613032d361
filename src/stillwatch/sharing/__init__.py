"""The border: what may leave, in which form, signed by whom, and the record of it all."""
