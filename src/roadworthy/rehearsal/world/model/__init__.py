"""The simulated model providers: their wire protocols, their errors, and a deterministic model."""
