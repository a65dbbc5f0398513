from fastapi import FastAPI

app = FastAPI()


@app.get("/index")
def index():
    try:
        from app.plugins.index import build
    except Exception as error:
        return {"error": f"install the extras first: {error}"}
    return build()
