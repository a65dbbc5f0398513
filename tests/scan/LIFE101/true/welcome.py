from flask import Flask

app = Flask(__name__)  # FOUND


@app.route("/")
def index():
    return {"message": "Look up what you like"}
