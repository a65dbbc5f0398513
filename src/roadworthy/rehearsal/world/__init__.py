"""The world: all that the agent can reach from its stage."""
