"""The command line: one file per verb, which reads options, calls one function and renders."""
