"""Two runs side by side: which cells correspond, what differs in their settings, and whether anything got worse."""
