connections = {}
sessions = {}
