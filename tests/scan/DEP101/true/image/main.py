import fastapi

from app import plugins

app = fastapi.FastAPI()
plugins.write("a")
