import typer

from repl.handler import Handler


class ReplHandler(Handler):
    def handle(self, first):
        prompt = first or typer.prompt(">>>")  # FOUND
        return self.answer(prompt)
