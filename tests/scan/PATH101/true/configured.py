import os

from flask import Flask, request

app = Flask(__name__)
app.config["UPLOADS"] = "uploads"
os.makedirs(app.config["UPLOADS"], exist_ok=True)  # FOUND


@app.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    file.save(os.path.join(app.config["UPLOADS"], file.filename))
    return open(os.path.join(app.config["UPLOADS"], file.filename)).read()  # FOUND
