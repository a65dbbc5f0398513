"""The stage: where the agent runs, and what of production it enforces."""
