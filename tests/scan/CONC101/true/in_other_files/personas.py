PERSONAS = {"plain": "You answer plainly."}
current = "plain"
SAID = []
