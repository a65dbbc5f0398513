from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/chat", methods=["POST"])
def chat():
    try:
        return jsonify({"answer": "…"})
    except Exception as error:  # FOUND
        return jsonify({"error": str(error)}), 200


@app.get("/titles")
def titles():
    try:
        return jsonify([])
    except ValueError as error:
        return jsonify({"error": str(error)}), 400
    except Exception as error:  # FOUND
        message = f"failed: {error}"
        return jsonify({"error": message}), 500
