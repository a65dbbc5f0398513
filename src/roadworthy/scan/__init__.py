"""Source to facts: one pass over each file collects what the rules ask for. Nothing of the project is run."""
