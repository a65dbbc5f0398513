import os
from http.server import ThreadingHTTPServer

import gradio as gr
import uvicorn
from flask import Flask

app = Flask(__name__)
demo = gr.ChatInterface(lambda message, history: message)


def main(Handler, options, runner):
    ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
    uvicorn.run("app:app", **options)
    runner.run(debug=True)


if __name__ == "__main__":
    uvicorn.run("app:app", host="0.0.0.0", port=8000)
    uvicorn.run("app:app", host=os.environ.get("HOST", "127.0.0.1"))
    app.run(host="0.0.0.0")
    demo.launch(server_name="0.0.0.0")
