"""The manifest: what the agent declares, loaded with line numbers."""
