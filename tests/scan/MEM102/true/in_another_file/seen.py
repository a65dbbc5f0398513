answers = {}
