"""Who is behind it: evidence weighed over competing hypotheses by people, who sign and may disagree. Pure: no I/O."""
