"""What a report costs: a run that is made up, and its report rebuilt in a process of its own."""
