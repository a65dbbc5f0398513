from fastapi import APIRouter

router = APIRouter(prefix="/internal")


@router.get("/healthz")
def healthy():
    return {}
