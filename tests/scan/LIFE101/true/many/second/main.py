from fastapi import FastAPI


def create_app():
    app = FastAPI()  # FOUND

    @app.post("/agent")
    def answer(query: str):
        return query

    return app
