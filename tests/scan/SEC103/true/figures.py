from flask import Flask, jsonify
from vanna.remote import VannaDefault

app = Flask(__name__)
assistant = VannaDefault(model="sales", api_key=None)


@app.route("/figure")
def figure(question, sql, table):
    code = assistant.generate_plotly_code(question=question, sql=sql)
    return jsonify(assistant.get_plotly_figure(plotly_code=code, df=table).to_json())  # FOUND
