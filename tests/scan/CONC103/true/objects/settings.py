from typing import Optional

import requests
from pydantic import BaseModel


class Source(BaseModel):
    def rows(self, query):
        raise NotImplementedError


class Search(Source):
    def rows(self, query):
        return requests.post("https://search.example.com", json={"q": query}, timeout=5).json()  # FOUND


class Settings(BaseModel):
    source: Optional[Source] = None


app_settings = Settings()
