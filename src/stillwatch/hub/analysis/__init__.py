"""What the hub can see that no single member can: one campaign at several providers; sums that name nobody; its own conduct."""
