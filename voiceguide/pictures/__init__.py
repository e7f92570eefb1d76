"""Pictures: the body, the journal over time, covers; one maker each."""
