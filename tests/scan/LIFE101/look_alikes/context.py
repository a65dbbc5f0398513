from flask import Flask, render_template

app = Flask(__name__)


def page(name):
    with app.app_context():
        return render_template(name)
