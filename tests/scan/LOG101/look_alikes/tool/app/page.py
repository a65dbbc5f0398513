import uvicorn
from fastapi import FastAPI

app = FastAPI()


def start_server(port):
    print(f"http://localhost:{port}")
    uvicorn.run(app, port=port)
