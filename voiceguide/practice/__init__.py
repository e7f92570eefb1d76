"""What a listener does: choose, listen, record, plan, remember; no terminal, no click, no HTTP."""
