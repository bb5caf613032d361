"""Cases: what analysts make of campaigns, kept with every decision, its reason and the way back to the rows."""
