"""The check: look at this machine, and hold it against what the manifest declares."""
