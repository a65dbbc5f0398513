import uvicorn
from app.settings import MODEL, Engine
from fastapi import FastAPI

app = FastAPI()
engine = Engine()


@app.get("/model")
def model():
    engine.summary()
    return MODEL


if __name__ == "__main__":
    uvicorn.run(app)
