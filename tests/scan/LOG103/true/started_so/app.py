import logging

from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)  # FOUND
    app.run(host="0.0.0.0", port=8000)
