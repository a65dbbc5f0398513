sessions = {}
turns = {}
