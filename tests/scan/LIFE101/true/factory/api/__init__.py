from fastapi import FastAPI

from api.answers import router


def create_app() -> FastAPI:
    app = FastAPI()  # FOUND
    app.include_router(router)
    return app
