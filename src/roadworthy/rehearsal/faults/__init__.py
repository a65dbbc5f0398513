"""The faults, one file each: what goes wrong on the wire, at a tool, or in what the model says."""
