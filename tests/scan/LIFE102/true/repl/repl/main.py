import uvicorn

from repl.asking import ReplHandler


async def app(scope, receive, send):
    await send({"type": "http.response.body", "body": ReplHandler().handle("").encode()})


def main():
    uvicorn.run("repl.main:app")
