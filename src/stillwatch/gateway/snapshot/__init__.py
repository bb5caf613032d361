"""What a gateway decides by: evidence, registers and policy at one time, signed, looked up in microseconds."""
