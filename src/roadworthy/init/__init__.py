"""A first manifest from what the source shows: each value with the place where it was seen."""
