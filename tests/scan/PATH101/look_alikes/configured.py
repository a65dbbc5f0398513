import os

from flask import Flask

app = Flask(__name__)
app.config["UPLOADS"] = os.environ.get("UPLOADS", "uploads")
app.config["INDEX"] = "/srv/index"
os.makedirs(app.config["UPLOADS"], exist_ok=True)
os.makedirs(app.config["INDEX"], exist_ok=True)
