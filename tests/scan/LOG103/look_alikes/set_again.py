import logging
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.config import load
from app.log import configure_logging

logging.basicConfig(level=logging.INFO)


@asynccontextmanager
async def lifespan(app):
    config = load()
    configure_logging(config)
    yield


app = FastAPI(lifespan=lifespan)
