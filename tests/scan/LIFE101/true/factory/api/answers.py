from fastapi import APIRouter

import api

router = APIRouter(prefix=f"/{api.__name__}")


@router.post("/agent")
def answer(query: str) -> str:
    return query
