"""The pytest plugin: a production-like environment, a simulated model and broken wires in a team's own tests."""
