"""The rehearsal: run the agent as production would, break one thing at a time, and collect what was seen."""
