from http.server import ThreadingHTTPServer

import gradio as gr
import uvicorn
from flask import Flask

app = Flask(__name__)
demo = gr.ChatInterface(lambda message, history: message)


def main(Handler):
    ThreadingHTTPServer(("127.0.0.1", 8080), Handler).serve_forever()  # FOUND


if __name__ == "__main__":
    uvicorn.run("app:app", port=8000)  # FOUND
    uvicorn.run("app:app", host="127.0.0.1")  # FOUND
    app.run(debug=True)  # FOUND
    demo.launch()  # FOUND
    main(app.wsgi_app)
