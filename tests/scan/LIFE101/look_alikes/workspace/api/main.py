from fastapi import FastAPI

from shared.probes import router

app = FastAPI()
app.include_router(router)
