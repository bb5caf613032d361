"""Loss: what was taken in a campaign, with ranges."""
