import contextlib

import uvicorn
from agents import function_tool
from fastapi import FastAPI

app = FastAPI()


class AnswerHandler(BaseCallbackHandler):
    def on_tool_end(self, found):
        print(f"found {found}")  # FOUND


@function_tool
def lookup(query: str) -> str:
    with contextlib.suppress(KeyError):
        print(f"looking for {query}")  # FOUND
    return query


def main():
    while input("serve? ") == "yes":
        uvicorn.run(app)


if __name__ == "__main__":
    main()
